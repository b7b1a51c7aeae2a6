package io.fairlead.bench;

import io.fairlead.bench.run.RunCommand;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The `proxy-bench` program.
public final class ProxyBench {

    private static final int USAGE_ERROR = 2;

    private static final String USAGE =
            """
            usage: proxy-bench micro [JMH OPTION...] [REGEX...]
            Microbenchmarks of the hot path, with allocation rates. `micro -h` lists JMH's options,
            `micro -l` the benchmarks.

                   proxy-bench run [--quick] [connect] [udp]
            End to end in a lab of network namespaces; needs root. connect: new connections per
            second, direct and through the agent with 10 and with 10,000 Services. udp: datagrams of
            known flows and of a new flow each, direct, through the agent, by kernel DNAT, and
            through nginx where it is on the PATH.\
            """;

    private ProxyBench() {}

    public static void main(String[] args) throws Exception {
        List<String> words = Arrays.asList(args);
        String command = words.isEmpty() ? "" : words.getFirst();
        switch (command) {
            case "micro" -> micro(words.subList(1, words.size()));
            case "run" -> RunCommand.run(words.subList(1, words.size()), System.out);
            case "-h", "--help" -> System.out.println(USAGE);
            default -> {
                System.err.println(USAGE);
                System.exit(USAGE_ERROR);
            }
        }
    }

    private static void micro(List<String> options) throws IOException {
        List<String> all = new ArrayList<>(List.of("-prof", "gc"));
        all.addAll(options);
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    }
}
