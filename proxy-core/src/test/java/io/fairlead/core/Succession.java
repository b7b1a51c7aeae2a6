package io.fairlead.core;

import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import io.fairlead.core.handover.Estate;
import io.fairlead.core.handover.Greeting;
import io.fairlead.core.handover.HandOverClient;
import io.fairlead.core.handover.HandOverServer;
import io.fairlead.core.handover.HandedCount;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.ServiceSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// One data plane that takes over from another in this process, by the talk that agents have.
final class Succession implements AutoCloseable {

    /// What a data plane gives; nothing else happens on it meanwhile.
    private static final class PlaneEstate implements Estate {

        private final PlaneHandOver plane;
        private final Runnable whenFrozen;

        PlaneEstate(DataPlane plane, Runnable whenFrozen) {
            this.plane = plane.handOver();
            this.whenFrozen = whenFrozen;
        }

        @Override
        public long namespace() {
            return 1;
        }

        @Override
        public boolean hold(Runnable exchange) {
            exchange.run();
            return true;
        }

        @Override
        public List<HandedSocket> sockets() {
            // The other sockets of this process are the test's.
            return plane.sockets().stream()
                    .filter(s -> s.kind() != HandedSocket.Kind.OTHER)
                    .toList();
        }

        @Override
        public List<AffinityRecord> clients(long heardOfNs) {
            return plane.clients(heardOfNs);
        }

        @Override
        public List<BackendStanding> standings() {
            return plane.standings();
        }

        @Override
        public List<HandedCount> counts() {
            return plane.counts();
        }

        @Override
        public List<HandedFlow> freeze() {
            List<HandedFlow> flows = plane.freeze();
            whenFrozen.run();
            return flows;
        }

        @Override
        public void thaw() {
            plane.thaw();
        }

        @Override
        public void leave(boolean hostKept) {
            plane.leave(hostKept);
        }

        @Override
        public void left() {
            // Nothing else is owned.
        }
    }

    private final DataPlane plane;
    private final HandOverServer server;
    private final HandOverClient client;
    private String missing = "";

    private Succession(DataPlane plane, HandOverServer server, HandOverClient client) {
        this.plane = plane;
        this.server = server;
        this.client = client;
    }

    /// A data plane that serves `snapshot`, with all that `old` had.
    ///
    /// @param whenFrozen what happens while nobody takes datagrams
    static Succession of(
            DataPlane old,
            PlaneOptions options,
            ServiceSnapshot snapshot,
            Path folder,
            Runnable whenFrozen)
            throws IOException {
        HandOverServer server =
                HandOverServer.listen(
                        folder, new PlaneEstate(old, whenFrozen), HandOverServer.Patience.DEFAULT);
        HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder));
        DataPlane plane = DataPlane.startAside(options);
        Succession succession = new Succession(plane, server, client);
        try (Inheritance inheritance = new Inheritance()) {
            List<?> failures = plane.apply(snapshot);
            must(failures.isEmpty(), failures.toString());
            must(client.greet(Greeting.of(1, "test")), "greeted");
            must(client.receive(inheritance), "prepared");
            failures = plane.handOver().capture(inheritance);
            must(failures.isEmpty(), failures.toString());
            must(client.receiveRest(inheritance), "offered");
            succession.missing = plane.handOver().serve(inheritance);
            must(client.serve(true), "left");
            return succession;
        } catch (IOException | RuntimeException | Error e) {
            succession.close();
            throw e;
        }
    }

    static Succession of(DataPlane old, ServiceSnapshot snapshot, Path folder) throws IOException {
        return of(old, PlaneOptions.loopback(RunningPlane.LOOPS), snapshot, folder, () -> {});
    }

    private static void must(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /// The new one.
    DataPlane plane() {
        return plane;
    }

    /// What it could not go on with; empty for nothing.
    String missing() {
        return missing;
    }

    /// Hears of the old one's flows until it ends.
    void followCounts() {
        Thread.ofPlatform()
                .daemon()
                .start(() -> client.follow(counts -> plane.handOver().lend(counts)));
    }

    /// The old one ends the talk, as it does when it ends.
    void endTalk() {
        server.close();
    }

    @Override
    public void close() {
        server.close();
        client.close();
        plane.close();
    }
}
