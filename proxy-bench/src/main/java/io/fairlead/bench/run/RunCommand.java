package io.fairlead.bench.run;

import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.peer.Peers;
import io.fairlead.bench.peer.Usage;
import io.fairlead.bench.report.Cell;
import io.fairlead.bench.report.Report;
import io.fairlead.bench.report.Run;
import io.fairlead.bench.report.Run.PeerInfo;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `proxy-bench run`.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Measures ways from a client to a backend, end to end, each in network namespaces of its"
                    + " own; needs root. Writes run.json, latencies as .hlog, report.md, report.html"
                    + " and plot.svg."
        })
public final class RunCommand implements Callable<Integer> {

    private static final int CORRECTNESS = 1;

    @Parameters(
            arity = "0..*",
            paramLabel = "SCENARIO",
            description = {
                "${COMPLETION-CANDIDATES}; all of them by default, but for observe in the short run"
            })
    private List<Scenario> scenarios = new ArrayList<>();

    @Option(names = "--quick", description = "the short run, under three minutes; the default")
    private boolean quick;

    @Option(names = "--full", description = "five rounds of everything, about 16 minutes")
    private boolean full;

    @Option(names = "--rounds", paramLabel = "N", description = "rounds of each cell")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "length of a round")
    private @Nullable Double seconds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "where to write; ${DEFAULT-VALUE} by default")
    private Path out = Path.of("proxy-bench-report");

    @Option(
            names = "--peers",
            split = ",",
            paramLabel = "PEER",
            description =
                    "only these: direct, dnat, haproxy, haproxy-splice, haproxy-transparent (by"
                            + " default in the full run alone), nginx, fairlead")
    private Set<String> only = new LinkedHashSet<>();

    @Option(
            names = "--fairlead",
            paramLabel = "FILE",
            description = "Fairlead's launcher; the one of this build, or on the PATH, by default")
    private @Nullable Path fairlead;

    @Option(
            names = "--fairlead-args",
            paramLabel = "ARGS",
            description = {
                "measures Fairlead a second time, with these further arguments of `fairlead agent`,"
                        + " as fairlead-2; may be given again"
            })
    private List<String> variants = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "of the order of peers")
    private @Nullable Long seed;

    @Override
    public Integer call() throws Exception {
        return run(System.out);
    }

    private int run(PrintStream to) throws Exception {
        if (quick && full) {
            throw new IllegalArgumentException("--quick or --full, not both");
        }
        Scale scale = scale();
        List<Peer> peers = peers();
        List<Scenario> chosen = scenarios.isEmpty() ? all() : scenarios;
        long order = seed == null ? new Random().nextInt(1_000_000) : seed;
        List<PeerInfo> infos =
                peers.stream()
                        .map(p ->
                                new PeerInfo(
                                        p.id(), p.name(), p.version(), p.missing(), p.process()))
                        .toList();
        List<Peer> found = peers.stream().filter(peer -> peer.missing() == null).toList();
        double expected =
                chosen.stream().mapToDouble(s -> s.seconds(scale, found.size())).sum()
                        + 2 * found.size();
        Progress progress = new Progress(to, isTerminal(), expected);
        introduce(to, infos, scale, order, expected);
        Instant start = Instant.now();
        String load = Files.readString(Path.of("/proc/loadavg")).strip();
        double stolen = Usage.stolenSeconds();
        double worked = Usage.machineSeconds();
        Path work = Files.createTempDirectory("proxy-bench");
        try (Bench bench = new Bench(found, scale, order, work, progress)) {
            @Nullable Exception failure = measure(bench, chosen);
            double stolenNow = Usage.stolenSeconds() - stolen;
            double share = stolenNow / (Usage.machineSeconds() - worked + stolenNow);
            Run run =
                    new Run(
                            start.truncatedTo(ChronoUnit.SECONDS).toString(),
                            scale.mode(),
                            command(chosen),
                            order,
                            scale.rounds(),
                            scale.seconds(),
                            ThisMachine.describe(load, share),
                            infos,
                            bench.cells(),
                            bench.notes());
            Report.write(run, bench.latencies(), out);
            progress.say("report: " + out.resolve("report.html").toAbsolutePath());
            if (failure != null) {
                throw failure;
            }
            return verdict(run, to);
        } finally {
            delete(work);
        }
    }

    private List<Peer> peers() {
        List<Peer> all = Peers.all(Peers.launcher(fairlead), variants);
        return only.isEmpty() && !full ? Peers.brief(all) : Peers.named(all, only);
    }

    private List<Scenario> all() {
        return Arrays.stream(Scenario.values()).filter(s -> full || s.isBrief()).toList();
    }

    /// What has been measured is worth a report even where the rest fails.
    private static @Nullable Exception measure(Bench bench, List<Scenario> chosen) {
        for (Scenario scenario : chosen) {
            try {
                scenario.run(bench);
            } catch (Exception e) {
                bench.notes().add("The run ended early, in " + scenario + ": " + e.getMessage());
                return e;
            }
        }
        return null;
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    private Scale scale() {
        Scale scale = full ? Scale.FULL : Scale.QUICK;
        scale = rounds == null ? scale : scale.rounds(rounds);
        return seconds == null ? scale : scale.seconds(seconds);
    }

    private String command(List<Scenario> chosen) {
        StringBuilder words = new StringBuilder("proxy-bench run");
        if (!chosen.equals(all())) {
            chosen.forEach(scenario -> words.append(' ').append(scenario.id()));
        }
        words.append(full ? " --full" : " --quick");
        if (rounds != null) {
            words.append(" --rounds ").append(rounds);
        }
        if (seconds != null) {
            words.append(" --seconds ").append(seconds);
        }
        if (!only.isEmpty()) {
            words.append(" --peers ").append(String.join(",", only));
        }
        variants.forEach(each -> words.append(" --fairlead-args '").append(each).append('\''));
        return words.toString();
    }

    private static void introduce(
            PrintStream to, List<PeerInfo> infos, Scale scale, long seed, double expected) {
        for (PeerInfo info : infos) {
            to.println(
                    info.missing() == null
                            ? "  " + info.title()
                            : "  " + info.name() + ": NOT MEASURED, " + info.missing());
        }
        to.printf(
                "%s: %d rounds of %s s, seed %d, about %.0f minutes%n",
                scale.mode(), scale.rounds(), scale.seconds(), seed, Math.ceil(expected / 60));
    }

    /// Failed connections of Fairlead, or without any proxy, are failures of the run; how fast
    /// anything was never is.
    private static int verdict(Run run, PrintStream to) {
        int code = 0;
        for (Cell cell : run.cells()) {
            for (Cell.Series series : cell.series()) {
                boolean ours = series.peer().startsWith(Peers.FAIRLEAD);
                boolean none = ours || series.peer().equals(Peers.DIRECT);
                boolean dead = ours && cell.scenario().equals(Scenario.DEAD.id());
                boolean counts = dead || (none && !cell.failing());
                if (counts && series.failures() > 0) {
                    to.printf(
                            "NOT CORRECT: %s, %s: %d of %d failed: %s%n",
                            cell.id(),
                            series.peer(),
                            series.failures(),
                            series.operations() + series.failures(),
                            series.failure());
                    code = CORRECTNESS;
                }
                if (counts && series.operations() == 0) {
                    to.printf("NOT CORRECT: %s, %s: nothing came%n", cell.id(), series.peer());
                    code = CORRECTNESS;
                }
            }
        }
        return code;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(RunCommand::deleteOne);
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
