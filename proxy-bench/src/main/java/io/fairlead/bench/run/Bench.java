package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadMain;
import io.fairlead.bench.load.LoadRequest;
import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.bench.load.LoadResult;
import io.fairlead.bench.load.ServerMain;
import io.fairlead.bench.peer.Fairlead;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.peer.Peers;
import io.fairlead.bench.peer.Usage;
import io.fairlead.bench.report.Cell;
import io.fairlead.bench.report.Cell.Round;
import io.fairlead.bench.report.Latencies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.json.JsonMapper;

/// A run at work: its generator, its server, its sites, and what has been measured so far.
final class Bench implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(2);
    private static final long BETWEEN_PROBES_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final double LATENCY_PERCENTILE = 99;

    private final List<Peer> peers;

    /// Their ids, as tables have them.
    private final List<String> order;

    private final Scale scale;
    private final Path work;
    private final Progress progress;
    private final Random random;
    private final HelperProcess generator;
    private final HelperProcess server;
    private final Map<Peer, Site> sites = new LinkedHashMap<>();
    private final Latencies latencies = new Latencies();
    private final List<Cell> cells = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /// @param peers that can be measured
    /// @param work a folder for their files
    Bench(List<Peer> peers, Scale scale, long seed, Path work, Progress progress)
            throws IOException {
        this.peers = new ArrayList<>(peers);
        this.order = peers.stream().map(Peer::id).toList();
        this.scale = scale;
        this.work = work;
        this.progress = progress;
        this.random = new Random(seed);
        this.generator = HelperProcess.start(LoadMain.class);
        this.server = HelperProcess.start(ServerMain.class);
    }

    Scale scale() {
        return scale;
    }

    /// Those that can be measured; one that does not serve is none any more.
    List<Peer> peers() {
        return List.copyOf(peers);
    }

    /// What a reader of the figures must know.
    List<String> notes() {
        return notes;
    }

    /// Those that are processes.
    List<Peer> processes() {
        return peers.stream().filter(Peer::process).toList();
    }

    Latencies latencies() {
        return latencies;
    }

    List<Cell> cells() {
        return cells;
    }

    /// A new folder that is deleted after the run.
    Path folder(String name) throws IOException {
        return Files.createTempDirectory(work, name + "-");
    }

    Progress progress() {
        return progress;
    }

    Optional<Cell> cell(String id) {
        return cells.stream().filter(cell -> cell.id().equals(id)).findFirst();
    }

    /// The site of a peer with the usual layout; the same for all scenarios.
    Site site(Peer peer) throws Exception {
        Site site = sites.get(peer);
        if (site == null) {
            site = open(peer, Layout.USUAL);
            sites.put(peer, site);
        }
        return site;
    }

    List<Site> usualSites() throws Exception {
        List<Site> all = new ArrayList<>();
        for (Peer peer : peers()) {
            try {
                all.add(site(peer));
            } catch (IllegalStateException e) {
                giveUp(peer, e);
            }
        }
        return all;
    }

    /// As [#open], and nothing where the peer does not serve, which is then said.
    Optional<Site> openOrGiveUp(Peer peer, Layout layout) throws Exception {
        try {
            return Optional.of(open(peer, layout));
        } catch (IllegalStateException e) {
            giveUp(peer, e);
            return Optional.empty();
        }
    }

    /// Goes on without a peer that does not serve; without Fairlead there is nothing to go on for.
    private void giveUp(Peer peer, IllegalStateException why) {
        if (peer instanceof Fairlead || peer.id().equals(Peers.DIRECT)) {
            throw why;
        }
        peers.remove(peer);
        String note = String.valueOf(why.getMessage()).lines().findFirst().orElse("");
        notes.add("Given up in the middle of the run: " + note);
        progress.say("NOT MEASURED from here: " + note);
    }

    /// A site that the caller closes; it serves when this returns.
    Site open(Peer peer, Layout layout) throws Exception {
        progress.now(peer.name() + " starts");
        Site site = Site.open(peer, layout, server, work);
        try {
            await(site, site.load(Kind.PROBE, Layout.STEADY));
            await(site, site.load(Kind.PROBE, Layout.BRIEF, layout.services() - 1));
            if (peer.udp()) {
                await(site, site.load(Kind.UDP_PROBE, Layout.UDP_KNOWN));
                await(site, site.load(Kind.UDP_PROBE, Layout.UDP_NEW));
            }
            return site;
        } catch (Exception e) {
            site.close();
            throw e;
        }
    }

    private void await(Site site, LoadRequest probe) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NS;
        LoadResult result = load(probe);
        while (result.operations() == 0) {
            ProcessHandle process = site.running().process();
            if ((process != null && !process.isAlive()) || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "%s does not serve %s port %d: %s%n%s"
                                .formatted(
                                        site.peer().name(),
                                        probe.host(),
                                        probe.port(),
                                        result.failure(),
                                        site.running().log()));
            }
            LockSupport.parkNanos(BETWEEN_PROBES_NS);
            result = load(probe);
        }
    }

    LoadResult load(LoadRequest request) throws IOException {
        return JSON.readValue(generator.ask(JSON.writeValueAsString(request)), LoadResult.class);
    }

    /// Gives all loads once, unmeasured.
    void warmUp(List<Shot> shots, double seconds) throws Exception {
        for (Shot shot : shots) {
            progress.now(shot.cell().id() + ": warm-up, " + shot.site().peer().name());
            try (AutoCloseable _ = shot.during().begin()) {
                var _ = load(shot.request().seconds(seconds));
            }
        }
    }

    /// Warms up, then gives all loads in every round, in an order of its own, and files the cells.
    void measure(List<Shot> shots) throws Exception {
        warmUp(shots, scale.warmUp());
        for (int round = 0; round < scale.rounds(); round++) {
            List<Shot> order = new ArrayList<>(shots);
            Collections.shuffle(order, random);
            for (Shot shot : order) {
                progress.now(
                        "%s: round %d of %d, %s"
                                .formatted(
                                        shot.cell().id(),
                                        round + 1,
                                        scale.rounds(),
                                        shot.site().peer().name()));
                fire(shot, round);
            }
        }
        Set<OpenCell> open = new LinkedHashSet<>();
        shots.forEach(shot -> open.add(shot.cell()));
        open.forEach(this::close);
    }

    /// Files a cell that has all its rounds.
    void close(OpenCell open) {
        Cell cell = open.closed(order);
        cells.add(cell);
        progress.done(cell);
    }

    private void fire(Shot shot, int round) throws Exception {
        double peerBefore = peerSeconds(shot.site());
        double clientBefore = Usage.cpuSeconds(generator.handle());
        double serverBefore = Usage.cpuSeconds(server.handle());
        double machineBefore = Usage.machineSeconds();
        LoadResult result;
        try (AutoCloseable _ = shot.during().begin()) {
            result = load(shot.request().seconds(scale.seconds()));
        }
        double machine = Usage.machineSeconds() - machineBefore;
        double figure = shot.cell().measure().figure().applyAsDouble(result);
        if (!result.latencies().isEmpty()) {
            Histogram histogram =
                    latencies.add(shot.cell().id(), shot.peer(), round, result.latencies());
            if (shot.request().rate() > 0) {
                figure = histogram.getValueAtPercentile(LATENCY_PERCENTILE) / 1e3;
            }
        }
        shot.cell()
                .add(
                        shot.peer(),
                        new Round(
                                figure,
                                result.operations(),
                                result.seconds(),
                                shot.cell().measure().workOf().applyAsDouble(result),
                                result.failures(),
                                result.failure(),
                                peerSeconds(shot.site()) - peerBefore,
                                Usage.cpuSeconds(generator.handle()) - clientBefore,
                                Usage.cpuSeconds(server.handle()) - serverBefore,
                                machine,
                                shot.request().rate(),
                                result.lateNs() / 1e3));
    }

    private static double peerSeconds(Site site) {
        ProcessHandle process = site.running().process();
        return process == null ? 0 : Usage.cpuSeconds(process);
    }

    @Override
    public void close() {
        sites.values().forEach(Site::close);
        generator.close();
        server.close();
    }
}
