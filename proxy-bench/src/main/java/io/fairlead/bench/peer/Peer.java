package io.fairlead.bench.peer;

import io.fairlead.lab.Lab;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A way from clients to backends.
public interface Peer {

    /// Short, of the letters of a file name.
    String id();

    /// As tables name it.
    String name();

    /// As it says it itself; "" where it is the kernel.
    String version();

    /// Why it cannot be measured here; null where it can.
    @Nullable String missing();

    /// Whether it leads datagrams too.
    boolean udp();

    /// Whether it is a process, whose CPU time and memory are known.
    boolean process();

    /// Starts it on the lab's first node.
    ///
    /// @param work an empty folder of its own
    Running start(Lab lab, Layout layout, Path work) throws IOException;

    /// A peer at work.
    interface Running extends AutoCloseable {

        /// Where clients go, by the number of a Service.
        String address(int service);

        /// The port of the way itself for one of [Layout].
        default int port(int port) {
            return port;
        }

        /// Its process, with those that it has begun; null for the kernel.
        @Nullable ProcessHandle process();

        /// What it said, to explain a failure.
        default String log() {
            return "";
        }

        @Override
        void close();
    }
}
