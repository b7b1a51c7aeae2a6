package io.fairlead.bench;

/// Hashes that follow on each other unpredictably, at the cost of an addition: Weyl's sequence by
/// the golden ratio. One per thread.
final class HashSequence {

    private long hash;

    long next() {
        hash += 0x9e37_79b9_7f4a_7c15L;
        return hash;
    }
}
