package io.fairlead.core.nemesis;

import io.fairlead.core.testing.Eventually;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// Draws faults from a seed and inflicts them, one after the other, on the thread that calls it.
final class Nemesis {

    /// Descriptors that are left when there are too few: less than the relay keeps back, enough for
    /// clients and backends of the same process.
    private static final int LEFT = 60;

    private final List<FrameService> services;
    private final Ledger ledger;
    private final Runnable apply;
    private final Random random;

    // What is broken for the moment, and how it is mended.
    private final List<Mend> mends = new ArrayList<>();

    private record Mend(long dueNs, Step step) {}

    private interface Step {
        void run() throws IOException;
    }

    /// @param apply hands the data plane what the Services are now, as a list of all
    Nemesis(List<FrameService> services, Ledger ledger, Runnable apply, long seed) {
        this.services = services;
        this.ledger = ledger;
        this.apply = apply;
        this.random = new Random(seed);
    }

    /// Goes on until then, and mends everything.
    void run(long endNs) throws IOException {
        while (System.nanoTime() - endNs < 0) {
            inflict();
            Eventually.pause(millis(20, 100));
            mend(System.nanoTime());
        }
        mend(Long.MAX_VALUE);
    }

    private void mend(long nowNs) throws IOException {
        for (Mend mend : List.copyOf(mends)) {
            if (nowNs == Long.MAX_VALUE || nowNs - mend.dueNs >= 0) {
                mends.remove(mend);
                mend.step.run();
            }
        }
    }

    private void inflict() throws IOException {
        FrameService service = services.get(random.nextInt(services.size()));
        List<FrameBackend> backends = service.backends();
        FrameBackend any = backends.get(random.nextInt(backends.size()));
        FrameBackend expendable = backends.get(1 + random.nextInt(backends.size() - 1));
        switch (random.nextInt(16)) {
            case 0, 1 -> {
                told("killed");
                expendable.kill();
                later(200, 900, expendable::revive);
            }
            case 2, 3 -> {
                told("stalled");
                any.stall(millis(50, 500));
            }
            case 4, 5 -> {
                told("slow");
                any.slow(millis(100, 600));
            }
            case 6, 7 -> {
                told("reset");
                any.resetSome(3, random);
            }
            case 8, 9 -> {
                told("half-closed");
                any.halfCloseSome(2, random);
            }
            case 10, 11, 12, 13 -> {
                told("flapped");
                service.flap(expendable);
                apply.run();
            }
            case 14 -> {
                told("relisted");
                apply.run();
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    told("short of descriptors");
                    takeDescriptors();
                }
            }
        }
    }

    private void told(String fault) {
        ledger.count("fault: " + fault);
    }

    private void later(int least, int most, Step step) {
        mends.add(new Mend(System.nanoTime() + millis(least, most), step));
    }

    private long millis(int least, int most) {
        return TimeUnit.MILLISECONDS.toNanos(random.nextInt(least, most));
    }

    private void takeDescriptors() throws IOException {
        List<FileInputStream> files = new ArrayList<>();
        try {
            for (int i = 0; i < 1_000_000; i++) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException _) {
            // Now there are none left.
        }
        for (int i = 0; i < LEFT && !files.isEmpty(); i++) {
            files.removeLast().close();
        }
        Eventually.pause(millis(300, 600));
        for (FileInputStream file : files) {
            file.close();
        }
    }
}
