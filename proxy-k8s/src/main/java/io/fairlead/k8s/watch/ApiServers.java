package io.fairlead.k8s.watch;

import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The API servers of one cluster, and the one in use.
///
/// Safe for threads. A server is left for the next when it cannot be reached.
final class ApiServers {

    private final List<URI> servers;
    private final AtomicInteger current = new AtomicInteger();

    ApiServers(List<URI> servers) {
        this.servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no API server");
        }
    }

    /// Starts with the server after that one, if that is among them.
    ApiServers after(@Nullable URI server) {
        if (server != null) {
            current.set((servers.indexOf(server) + 1) % servers.size());
        }
        return this;
    }

    URI current() {
        return servers.get(current.get());
    }

    /// The same request to the server in use.
    URI direct(URI request) {
        URI server = current();
        if (isAt(server, request)) {
            return request;
        }
        String query = request.getRawQuery();
        return URI.create(
                server.getScheme()
                        + "://"
                        + server.getRawAuthority()
                        + request.getRawPath()
                        + (query == null ? "" : "?" + query));
    }

    /// Leaves the server that `request` went to, if it is still the one in use.
    void unreachable(URI request) {
        int now = current.get();
        if (isAt(servers.get(now), request)) {
            current.compareAndSet(now, (now + 1) % servers.size());
        }
    }

    private static boolean isAt(URI server, URI request) {
        return server.getScheme().equals(request.getScheme())
                && server.getRawAuthority().equals(request.getRawAuthority());
    }
}
