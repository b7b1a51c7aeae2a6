package io.fairlead.core;

import io.fairlead.core.handover.Giver;
import io.fairlead.core.handover.Greeting;
import io.fairlead.core.handover.HandOverClient;
import io.fairlead.core.handover.HandOverServer;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.ServiceSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// One data plane that takes over from another in this process, by the talk that agents have.
final class Succession implements AutoCloseable {

    /// Owns nothing but a data plane, on which nothing else happens meanwhile.
    private static final class Owner implements Giver {

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
        public boolean gives(HandedSocket socket) {
            // The other sockets of this process are the test's.
            return socket.kind() != HandedSocket.Kind.OTHER;
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
                        folder, new Owner(), old.estate(), HandOverServer.Patience.DEFAULT);
        HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder));
        DataPlane plane = DataPlane.startAside(options);
        Succession succession = new Succession(plane, server, client);
        try (Inheritance inheritance = new Inheritance()) {
            List<?> failures = plane.apply(snapshot);
            must(failures.isEmpty(), failures.toString());
            must(client.greet(Greeting.of(1, "test")), "greeted");
            must(client.receive(inheritance), "prepared");
            failures = plane.takeOver().capture(inheritance);
            must(failures.isEmpty(), failures.toString());
            must(client.receiveRest(inheritance), "offered");
            whenFrozen.run();
            succession.missing = plane.takeOver().serve(inheritance);
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
                .start(() -> client.follow(counts -> plane.takeOver().lend(counts)));
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
