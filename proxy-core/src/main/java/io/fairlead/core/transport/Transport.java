package io.fairlead.core.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.uring.IoUringIoHandle;

/// How event loops hear from the kernel.
public enum Transport {
    EPOLL("epoll"),
    IO_URING("io_uring");

    private final String word;

    Transport(String word) {
        this.word = word;
    }

    /// As options say it.
    public String word() {
        return word;
    }

    /// Whether its events tell of urgent data. Those of io_uring may say so of any data: it passes
    /// on what woke it, and TCP wakes for all kinds of input alike.
    public boolean tellsOfUrgentData() {
        return this == EPOLL;
    }

    /// That of an event loop.
    public static Transport of(IoEventLoop loop) {
        return loop.isCompatible(IoUringIoHandle.class) ? IO_URING : EPOLL;
    }
}
