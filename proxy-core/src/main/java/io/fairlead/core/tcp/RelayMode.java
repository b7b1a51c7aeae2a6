package io.fairlead.core.tcp;

/// How bytes get from one side of a flow to the other.
public enum RelayMode {
    /// Copied while a stream is chatty, through a pipe while it is bulk.
    ADAPTIVE(3, "adaptive"),
    /// Always through memory.
    COPY(Integer.MAX_VALUE, "copy"),
    /// Always through a pipe, where one can be had.
    SPLICE(0, "splice");

    private final int fullReads;
    private final String word;

    RelayMode(int fullReads, String word) {
        this.fullReads = fullReads;
        this.word = word;
    }

    /// Full reads in a row after which a stream is bulk.
    int fullReads() {
        return fullReads;
    }

    /// As options say it.
    public String word() {
        return word;
    }
}
