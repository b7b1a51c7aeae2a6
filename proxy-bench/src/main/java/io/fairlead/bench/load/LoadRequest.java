package io.fairlead.bench.load;

/// What the generator is asked to do.
///
/// @param namespace the file below /run/netns of the network namespace to do it in
/// @param host the address to talk to
/// @param connections at once
/// @param bytes of a request and of its answer
/// @param rate of requests a second in all; 0 for as many as are answered
public record LoadRequest(
        Kind kind,
        String namespace,
        String host,
        int port,
        int connections,
        int bytes,
        double rate,
        double seconds) {

    /// Ways to load.
    public enum Kind {
        /// Connects once, for one byte and its echo.
        PROBE,
        /// Streams from the server, for as long as asked.
        BULK,
        /// Requests and their echoes on connections that stay.
        REQUESTS,
        /// Connect, one byte, its echo, close; and again.
        CONNECT,
        /// Opens connections, one byte and its echo each, and keeps them.
        HOLD,
        /// Closes what is kept.
        RELEASE,
        /// One question and its answer by UDP.
        UDP_PROBE,
        /// Datagrams of sockets that stay.
        UDP_KNOWN,
        /// Datagrams, each of a socket of its own.
        UDP_NEW
    }

    public static LoadRequest of(Kind kind, String namespace, String host, int port) {
        return new LoadRequest(kind, namespace, host, port, 1, 1, 0, 0);
    }

    public LoadRequest connections(int count) {
        return new LoadRequest(kind, namespace, host, port, count, bytes, rate, seconds);
    }

    public LoadRequest bytes(int count) {
        return new LoadRequest(kind, namespace, host, port, connections, count, rate, seconds);
    }

    public LoadRequest rate(double perSecond) {
        return new LoadRequest(kind, namespace, host, port, connections, bytes, perSecond, seconds);
    }

    public LoadRequest seconds(double time) {
        return new LoadRequest(kind, namespace, host, port, connections, bytes, rate, time);
    }
}
