package io.fairlead.bench.load;

/// What came of a [LoadRequest].
///
/// @param operations that were complete within the time: requests, connections, datagrams
/// @param bytes that arrived within the time
/// @param failures connections that failed, requests that got no or a wrong answer, streams with
///   bytes missing
/// @param failure what the first of them was, "" where there is none
/// @param seconds that it took
/// @param latencies a compressed histogram in nanoseconds, base 64; "" where there is none
/// @param lateNs how late the generator itself was with requests that were due, 99th percentile
public record LoadResult(
        long operations,
        long bytes,
        long failures,
        String failure,
        double seconds,
        String latencies,
        long lateNs) {

    public double operationsPerSecond() {
        return operations / seconds;
    }

    public double gigabitsPerSecond() {
        return bytes * 8 / seconds / 1e9;
    }
}
