package io.fairlead.bench;

import io.fairlead.bench.report.ReportCommand;
import io.fairlead.bench.run.RunCommand;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `proxy-bench` program.
@Command(
        name = "proxy-bench",
        mixinStandardHelpOptions = true,
        description = "Fairlead's benchmarks.",
        footer = {
            "",
            "proxy-bench micro [JMH OPTION...] [REGEX...]",
            "  Microbenchmarks of the hot path, with allocation rates. `micro -h` lists JMH's",
            "  options, `micro -l` the benchmarks."
        },
        subcommands = {RunCommand.class, ReportCommand.class})
public final class ProxyBench {

    private ProxyBench() {}

    public static void main(String[] args) throws Exception {
        List<String> words = Arrays.asList(args);
        if (!words.isEmpty() && words.getFirst().equals("micro")) {
            micro(words.subList(1, words.size())); // JMH reads its options itself
            return;
        }
        CommandLine program =
                new CommandLine(new ProxyBench())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setExecutionExceptionHandler((e, line, _) -> explain(e, line));
        System.exit(program.execute(words.isEmpty() ? new String[] {"--help"} : args));
    }

    /// What a user can put right is said in a line; what is a fault of this program, in full.
    private static int explain(Exception e, CommandLine line) {
        if (e instanceof IllegalArgumentException || e instanceof IOException) {
            line.getErr().println("proxy-bench: " + e.getMessage());
            return line.getCommandSpec().exitCodeOnInvalidInput();
        }
        if (e instanceof IllegalStateException) {
            line.getErr().println("proxy-bench: " + e.getMessage());
        } else {
            e.printStackTrace(line.getErr());
        }
        return line.getCommandSpec().exitCodeOnExecutionException();
    }

    private static void micro(List<String> options) throws IOException {
        List<String> all = new ArrayList<>(List.of("-prof", "gc"));
        all.addAll(options);
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    }
}
