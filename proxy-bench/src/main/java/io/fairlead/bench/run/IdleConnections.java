package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest;
import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.bench.load.LoadResult;
import io.fairlead.bench.peer.Fairlead;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.peer.Usage;
import io.fairlead.bench.report.Cell.Round;
import io.fairlead.bench.run.OpenCell.Measure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How much memory of the peer's processes a connection takes that does nothing, and how much they
/// take without any. Once for each peer, freshly started: memory that was used once is not given
/// back. A JVM collects its garbage before it is looked at.
final class IdleConnections {

    private static final int BEFORE = 200;

    /// Descriptors of a process that are no connections.
    private static final int OTHER_DESCRIPTORS = 500;

    private IdleConnections() {}

    static void run(Bench bench) throws Exception {
        int many = Math.min(bench.scale().idle(), (descriptors() - OTHER_DESCRIPTORS) / 2);
        OpenCell each =
                new OpenCell(
                        "idle",
                        Scenario.IDLE.id(),
                        "per connection, %,d of them".formatted(many),
                        memory("KiB"));
        OpenCell alone =
                new OpenCell(
                        "idle-process", Scenario.IDLE.id(), "the processes alone", memory("MiB"));
        List<Peer> peers = bench.processes();
        for (Peer peer : peers) {
            Optional<Site> opened = bench.openOrGiveUp(peer, Layout.USUAL);
            if (opened.isPresent()) {
                try (Site site = opened.get()) {
                    bench.progress().now("idle: " + peer.name());
                    measure(bench, site, many, each, alone);
                }
            }
        }
        if (!peers.isEmpty()) {
            bench.close(each);
            bench.close(alone);
        }
    }

    private static Measure memory(String unit) {
        return new Measure(unit, false, "", false, _ -> 0, _ -> 1);
    }

    private static void measure(Bench bench, Site site, int many, OpenCell each, OpenCell alone)
            throws Exception {
        LoadRequest hold = site.load(Kind.HOLD, Layout.STEADY);
        LoadRequest release = site.load(Kind.RELEASE, Layout.STEADY);
        var _ = bench.load(hold.connections(BEFORE));
        var _ = bench.load(release);
        long before = memoryKib(site);
        LoadResult held = bench.load(hold.connections(many));
        long after = memoryKib(site);
        var _ = bench.load(release);
        each.add(
                site.peer().id(),
                round((after - before) / (double) Math.max(1, held.operations()), held));
        alone.add(site.peer().id(), round(before / 1024.0, new LoadResult(1, 0, 0, "", 1, "", 0)));
    }

    private static Round round(double figure, LoadResult held) {
        return new Round(
                figure, held.operations(), 1, 1, held.failures(), held.failure(), 0, 0, 0, 0, 0, 0);
    }

    private static long memoryKib(Site site) throws IOException, InterruptedException {
        ProcessHandle process = site.running().process();
        if (process == null) {
            throw new IllegalArgumentException(site.peer().name() + " is no process");
        }
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (site.peer() instanceof Fairlead && Files.isExecutable(jcmd)) {
            int _ =
                    new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "GC.run")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor();
        }
        return Usage.memoryKib(process);
    }

    private static int descriptors() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> List.of(line.split(" +", -1)).get(3))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(1024);
    }
}
