package io.fairlead.bench.load;

/// When requests of a fixed rate are due.
///
/// A request that is due is counted from then on, whether or not it could be sent: a server that
/// stalls makes all that come due meanwhile late, as it would make users wait. This is what keeps
/// the generator from omitting, in step with the server, the very moments that are slow.
///
/// @param startNs when the first is due
/// @param intervalNs between two
record Pace(long startNs, double intervalNs) {

    static Pace of(long startNs, double perSecond) {
        return new Pace(startNs, 1e9 / perSecond);
    }

    /// When the request of this number is due, the first being 0.
    long dueNs(long number) {
        return startNs + (long) (number * intervalNs);
    }
}
