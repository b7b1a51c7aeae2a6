package io.fairlead.lab.frames;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A backend that checks the frames it gets, sends them back, and suffers on command.
///
/// Commands come from the nemesis' thread; each connection has a thread of its own.
public final class FrameBackend implements AutoCloseable {

    private static final long SLOW_NS = 3_000_000;

    /// Below `net.ipv4.ip_local_port_range`, where an outgoing connection may take the port of one
    /// that is dead for a while.
    private static final int LOWEST_PORT = 20_000;

    private static final int PORTS = 12_000;

    private final Ledger ledger;
    private final Place place;
    private final InetSocketAddress at;
    private final Map<Long, Socket> flows = new ConcurrentHashMap<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket listener;
    private volatile long stalledUntilNs = System.nanoTime();
    private volatile long slowUntilNs = System.nanoTime();

    // When these last happened; null for never.
    private volatile @Nullable Long killedNs;
    private volatile boolean dying;
    private volatile @Nullable Long removedNs;
    private volatile @Nullable Long lateNs;
    private volatile boolean removed; // written by the nemesis' thread

    /// Listens at a free port.
    public FrameBackend(Ledger ledger, Place place) throws IOException {
        this.ledger = ledger;
        this.place = place;
        this.listener = listenSomewhere();
        this.at = new InetSocketAddress(place.address(), listener.getLocalPort());
    }

    private ServerSocket listenSomewhere() throws IOException {
        while (true) {
            try {
                return listen(LOWEST_PORT + ThreadLocalRandom.current().nextInt(PORTS));
            } catch (BindException _) {
                // Another's; there are many.
            }
        }
    }

    private ServerSocket listen(int port) throws IOException {
        ServerSocket socket =
                place.run(() -> {
                    ServerSocket bound = new ServerSocket();
                    bound.bind(new InetSocketAddress(place.address(), port), 1024);
                    return bound;
                });
        Thread.ofVirtual().start(() -> acceptAll(socket));
        return socket;
    }

    public InetSocketAddress at() {
        return at;
    }

    private void acceptAll(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection, socket));
            } catch (IOException _) {
                // Closed, or a connection that was gone before it was accepted.
            }
        }
    }

    private void serve(Socket connection, ServerSocket from) {
        long flow = -1;
        long startNs = System.nanoTime();
        try (connection) {
            connection.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(connection.getInputStream());
            int expected = 0;
            for (Frames.Frame f = Frames.read(in); f != null; f = Frames.read(in)) {
                if (expected == 0) {
                    flow = f.flow();
                    ledger.reached(flow, this);
                    flows.put(flow, connection);
                    if (from.isClosed()) {
                        reset(flow, "killed");
                    }
                }
                if (f.number() != expected || f.flow() != flow) {
                    throw new Frames.Corrupt(
                            "frame "
                                    + f.number()
                                    + " of flow "
                                    + f.flow()
                                    + " in place of "
                                    + expected
                                    + " of "
                                    + flow);
                }
                expected++;
                suffer();
                if (!connection.isOutputShutdown()) {
                    connection.getOutputStream().write(f.bytes().array());
                }
            }
        } catch (Frames.Corrupt e) {
            if (!(e instanceof Frames.Cut)
                    || ledger.outageOf(true, startNs, System.nanoTime()) == null) {
                ledger.violation("at " + this + ", flow " + flow + ": " + e.getMessage());
            }
        } catch (IOException _) {
            // Reset: the client tells whether it should have been.
        } finally {
            connections.remove(connection);
            if (flow >= 0) {
                flows.remove(flow, connection);
            }
        }
    }

    private void suffer() {
        for (long left = stalledUntilNs - System.nanoTime();
                left > 0;
                left = stalledUntilNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        if (slowUntilNs - System.nanoTime() > 0) {
            LockSupport.parkNanos(SLOW_NS);
        }
    }

    /// Does nothing for a while, with its connections open.
    public void stall(long ns) {
        stalledUntilNs = System.nanoTime() + ns;
    }

    /// Takes its time for each frame.
    void slow(long ns) {
        slowUntilNs = System.nanoTime() + ns;
    }

    /// Resets some connections.
    void resetSome(int count, Random random) {
        for (long flow : some(count, random)) {
            reset(flow, "reset by its backend");
        }
    }

    /// Ends some connections in one direction, and goes on reading.
    void halfCloseSome(int count, Random random) {
        for (long flow : some(count, random)) {
            Socket connection = flows.get(flow);
            if (connection != null) {
                ledger.cut(flow, "half-closed by its backend");
                try {
                    connection.shutdownOutput();
                } catch (IOException _) {
                    // It is gone already.
                }
            }
        }
    }

    private List<Long> some(int count, Random random) {
        List<Long> all = flows.keySet().stream().sorted().toList();
        return random.ints(all.isEmpty() ? 0 : count, 0, Math.max(1, all.size()))
                .mapToObj(all::get)
                .distinct()
                .toList();
    }

    private void reset(long flow, String cause) {
        Socket connection = flows.get(flow);
        if (connection != null) {
            ledger.cut(flow, cause);
            reset(connection);
        }
    }

    static void reset(Socket connection) {
        try {
            connection.setSoLinger(true, 0);
            connection.close();
        } catch (IOException _) {
            // It is gone already.
        }
    }

    /// Dies, its connections with it.
    public void kill() throws IOException {
        dying = true;
        listener.close();
        flows.keySet().forEach(flow -> reset(flow, "killed"));
        connections.forEach(FrameBackend::reset);
        killedNs = System.nanoTime();
        dying = false;
    }

    /// Comes back at its old port.
    public void revive() throws IOException {
        if (listener.isClosed()) {
            listener = listen(at.getPort());
        }
    }

    /// It is about to leave its Service's endpoints.
    void onRemoved() {
        lateNs = null;
        removedNs = System.nanoTime();
        removed = true;
    }

    /// It has left them; for a while connections may still come by what was before.
    void onRemovalApplied(long forNs) {
        lateNs = System.nanoTime() + forNs;
    }

    void onListed() {
        removed = false;
    }

    boolean isRemoved() {
        return removed;
    }

    /// Whether a connection that began at a time may have been cut because it left its Service's
    /// endpoints as long ago as that.
    boolean drained(long openedNs, long afterNs) {
        Long removal = removedNs;
        Long late = lateNs;
        return removal != null
                && System.nanoTime() - removal > afterNs
                && (late == null || late - openedNs > 0);
    }

    boolean wasKilledSince(long ns) {
        // In this order: who is not dying any more has said when.
        boolean now = dying;
        Long killed = killedNs;
        return now || (killed != null && killed - ns >= 0);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        connections.forEach(FrameBackend::reset);
    }

    @Override
    public String toString() {
        return place.name() + at;
    }
}
