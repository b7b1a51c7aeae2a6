package io.fairlead.lab.frames;

/// A time in which nobody serves. Written by the nemesis' thread.
public final class Outage {

    private final String cause;
    private final long startNs = System.nanoTime();
    private final long never = startNs + Long.MAX_VALUE / 2;

    /// What began before is cut; the start when nothing is.
    private volatile long cutNs;

    private volatile long endNs = never;

    Outage(String cause, boolean cuts) {
        this.cause = cause;
        this.cutNs = cuts ? never : startNs;
    }

    String cause() {
        return cause;
    }

    /// All that was to be cut is cut.
    public void gone() {
        cutNs = Math.min(cutNs - startNs, System.nanoTime() - startNs) + startNs;
    }

    /// Somebody serves again.
    public void over() {
        endNs = System.nanoTime();
    }

    boolean explains(boolean reached, long beganNs, long endedNs) {
        long until = reached ? cutNs : endNs;
        boolean cutsNone = reached && until == startNs;
        return !cutsNone && until - beganNs >= 0 && endedNs - startNs >= 0;
    }
}
