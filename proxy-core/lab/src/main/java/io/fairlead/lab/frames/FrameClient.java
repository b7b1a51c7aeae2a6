package io.fairlead.lab.frames;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Opens one flow after the other, each with frames there and back, and judges how it ended. On a
/// thread of its own.
public final class FrameClient implements Runnable {

    /// Of 100 flows, those that the client resets itself.
    private static final int RESETS_PERCENT = 4;

    private static final long AFTER_CUT_NS = 5_000_000;
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int MAX_ROUNDS = 60;
    private static final int MAX_FRAMES_PER_ROUND = 8;

    private static final AtomicLong FLOWS = new AtomicLong();

    private final List<FrameService> services;
    private final Ledger ledger;
    private final Place place;
    private final Random random;
    private final long endNs;
    private volatile boolean stopped;

    /// @param place where it connects from
    public FrameClient(
            List<FrameService> services, Ledger ledger, Place place, long seed, long endNs) {
        this.place = place;
        this.services = services;
        this.ledger = ledger;
        this.random = new Random(seed);
        this.endNs = endNs;
    }

    @Override
    public void run() {
        while (!stopped && System.nanoTime() - endNs < 0) {
            flow(FLOWS.getAndIncrement(), services.get(random.nextInt(services.size())));
        }
    }

    /// Opens no further flow.
    public void stop() {
        stopped = true;
    }

    private void flow(long flow, FrameService service) {
        long start = System.nanoTime();
        ledger.count("flows");
        try (Socket socket = connect(service)) {
            int sent = talk(socket, flow);
            if (sent < 0) {
                ledger.count("cut: reset by its client");
                FrameBackend.reset(socket);
                return;
            }
            socket.shutdownOutput();
            if (socket.getInputStream().read() >= 0) {
                ledger.violation("flow " + flow + " got more than it sent");
            }
            ledger.count("whole");
        } catch (Frames.Cut e) {
            String outage = ledger.outageOf(true, start, System.nanoTime());
            if (outage == null) {
                ledger.violation("flow " + flow + " of " + service + ": " + e.getMessage());
            } else {
                ledger.count("cut: " + outage);
            }
        } catch (Frames.Corrupt e) {
            ledger.violation("flow " + flow + " of " + service + ": " + e.getMessage());
        } catch (IOException e) {
            judge(flow, service, start, String.valueOf(e.getMessage()));
        }
    }

    private Socket connect(FrameService service) throws IOException {
        return place.run(() -> {
            Socket socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.connect(service.vip(), TIMEOUT_MILLIS);
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        });
    }

    /// Frames sent and got back; -1 for a flow that the client is to reset.
    private int talk(Socket socket, long flow) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int rounds = 1 + random.nextInt(MAX_ROUNDS);
        int resetAfter = random.nextInt(100) < RESETS_PERCENT ? random.nextInt(rounds) : rounds;
        int number = 0;
        for (int round = 0; round < rounds; round++) {
            int first = number;
            for (int i = 1 + random.nextInt(MAX_FRAMES_PER_ROUND); i > 0; i--) {
                socket.getOutputStream().write(Frames.frame(flow, number++, random));
            }
            if (round == resetAfter) {
                return -1;
            }
            for (int expected = first; expected < number; expected++) {
                Frames.@Nullable Frame frame = Frames.read(in);
                if (frame == null) {
                    throw new IOException("end of stream before frame " + expected);
                }
                if (frame.flow() != flow || frame.number() != expected) {
                    throw new Frames.Corrupt(
                            "frame "
                                    + frame.number()
                                    + " of flow "
                                    + frame.flow()
                                    + " in place of "
                                    + expected);
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(25)));
        }
        return number;
    }

    private void judge(long flow, FrameService service, long startNs, String how) {
        String cause = cause(flow, service, startNs);
        if (cause == null) {
            ledger.violation(
                    "flow %d of %s to %s was cut for no cause after %d ms: %s"
                            .formatted(
                                    flow,
                                    service,
                                    ledger.backendOf(flow),
                                    (System.nanoTime() - startNs) / 1_000_000,
                                    how));
        } else {
            boolean unserved = cause.startsWith("agent ") && ledger.backendOf(flow) == null;
            ledger.count((unserved ? "not served: " : "cut: ") + cause);
            LockSupport.parkNanos(AFTER_CUT_NS); // where nobody serves, that is over soon
            boolean clean = how.startsWith("end of stream");
            // The kernel ends what a killed process leaves, as it sees fit.
            if (clean && !cause.startsWith("half-closed by") && !cause.startsWith("agent killed")) {
                ledger.violation("flow " + flow + " ended cleanly, but it was " + cause);
            }
        }
    }

    private @Nullable String cause(long flow, FrameService service, long startNs) {
        String cut = ledger.cutOf(flow);
        if (cut != null) {
            return cut;
        }
        FrameBackend backend = ledger.backendOf(flow);
        String byRules = service.causeByRules(backend, startNs, System.nanoTime());
        if (byRules != null) {
            return byRules;
        }
        if (backend != null && backend.wasKilledSince(startNs)) {
            // It was just about to write that down.
            return "killed";
        }
        // Accepted by the kernel for a backend that died before it looked.
        if (backend == null
                && service.backends().stream().anyMatch(b -> b.wasKilledSince(startNs))) {
            return "killed with its queue";
        }
        return ledger.outageOf(backend != null, startNs, System.nanoTime());
    }
}
