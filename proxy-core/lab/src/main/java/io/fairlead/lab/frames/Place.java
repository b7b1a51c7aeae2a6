package io.fairlead.lab.frames;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.Callable;

/// Where sockets are made: in this process's own network, or on a host of the lab.
///
/// @param address where backends of it listen
public record Place(String name, InetAddress address, Runner runner) {

    /// Runs what makes a socket.
    @FunctionalInterface
    public interface Runner {
        <T> T run(Callable<T> task) throws Exception;
    }

    /// 127.0.0.1 of this process.
    public static Place here() {
        return new Place("here", InetAddress.ofLiteral("127.0.0.1"), Callable::call);
    }

    public static Place on(Host host) {
        return new Place(host.name(), host.ipv4(), host::run);
    }

    <T> T run(Callable<T> task) throws IOException {
        try {
            return runner.run(task);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
