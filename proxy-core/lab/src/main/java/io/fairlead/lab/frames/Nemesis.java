package io.fairlead.lab.frames;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Draws faults from a seed and inflicts them, one after the other, on the thread that calls it.
///
/// Backends are killed, stalled, slow, reset and half-close connections, and endpoints flap; a test
/// adds what else may break.
public final class Nemesis {

    private final List<FrameService> services;
    private final Ledger ledger;
    private final Apply apply;
    private final Random random;
    private final List<Fault> faults = new ArrayList<>();

    // What is broken for the moment, and how it is mended.
    private final List<Mend> mends = new ArrayList<>();

    private record Mend(long dueNs, Step step) {}

    private record Fault(String name, Step step) {}

    /// Something that is done to the world.
    @FunctionalInterface
    public interface Step {
        void run() throws Exception;
    }

    /// Hands over what the Services are now.
    @FunctionalInterface
    public interface Apply {
        /// Returns when it is on its way.
        ///
        /// @param changed the one that has changed
        /// @return for how many nanoseconds from now on things may go by the state before
        long run(FrameService changed) throws Exception;
    }

    public Nemesis(List<FrameService> services, Ledger ledger, Apply apply, long seed) {
        this.services = services;
        this.ledger = ledger;
        this.apply = apply;
        this.random = new Random(seed);
        may(2, "killed", this::kill);
        may(2, "stalled", () -> any().stall(nanos(50, 500)));
        may(2, "slow", () -> any().slow(nanos(100, 600)));
        may(2, "reset", () -> any().resetSome(3, random));
        may(2, "half-closed", () -> any().halfCloseSome(2, random));
        may(4, "flapped", this::flap);
    }

    /// Adds a fault, which is drawn as often as its weight among all weights says.
    public void may(int weight, String name, Step step) {
        for (int i = 0; i < weight; i++) {
            faults.add(new Fault(name, step));
        }
    }

    /// Mends in a while; before everything ends in any case.
    public void later(int leastMillis, int mostMillis, Step step) {
        mends.add(new Mend(System.nanoTime() + nanos(leastMillis, mostMillis), step));
    }

    /// One of the numbers below a bound.
    public int draw(int bound) {
        return random.nextInt(bound);
    }

    /// A time by lot.
    public long nanos(int leastMillis, int mostMillis) {
        return TimeUnit.MILLISECONDS.toNanos(random.nextInt(leastMillis, mostMillis));
    }

    public FrameService service() {
        return services.get(random.nextInt(services.size()));
    }

    private FrameBackend any() {
        List<FrameBackend> backends = service().backends();
        return backends.get(random.nextInt(backends.size()));
    }

    /// A backend of a Service that is not its good one.
    public FrameBackend expendable(FrameService service) {
        List<FrameBackend> backends = service.backends();
        return backends.get(1 + random.nextInt(backends.size() - 1));
    }

    private void kill() throws Exception {
        FrameBackend backend = expendable(service());
        backend.kill();
        later(200, 900, backend::revive);
    }

    private void flap() throws Exception {
        FrameService service = service();
        FrameBackend backend = expendable(service);
        boolean removes = !backend.isRemoved();
        if (removes) {
            backend.onRemoved();
        } else {
            backend.onListed();
        }
        long lateNs = apply.run(service);
        if (removes) {
            backend.onRemovalApplied(lateNs);
        }
    }

    /// Goes on until then, and mends everything.
    public void run(long endNs) throws Exception {
        while (System.nanoTime() - endNs < 0) {
            Fault fault = faults.get(random.nextInt(faults.size()));
            ledger.count("fault: " + fault.name);
            fault.step.run();
            LockSupport.parkNanos(nanos(20, 100));
            mend(System.nanoTime());
        }
        mendAll();
    }

    /// Whatever is broken is whole again.
    public void mendAll() throws Exception {
        for (Mend mend : List.copyOf(mends)) {
            mends.remove(mend);
            mend.step.run();
        }
    }

    private void mend(long nowNs) throws Exception {
        for (Mend mend : List.copyOf(mends)) {
            if (nowNs - mend.dueNs >= 0) {
                mends.remove(mend);
                mend.step.run();
            }
        }
    }
}
