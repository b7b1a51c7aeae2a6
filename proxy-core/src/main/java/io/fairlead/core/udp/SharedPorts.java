package io.fairlead.core.udp;

import java.util.concurrent.ThreadLocalRandom;

/// Ports at a client's address for sockets that outlive the flow which they were made for.
///
/// They lie above those that the kernel gives to sockets which do not choose one
/// (net.ipv4.ip_local_port_range: 32768 to 60999), so that the client has none of them towards the
/// same backend: what the backend sends there would come here.
final class SharedPorts {

    private static final int FIRST = 61_000;
    private static final int LAST = 65_535;

    private SharedPorts() {}

    /// Any of them; one that cannot be foreseen (RFC 5452, 9.2).
    static int next() {
        return ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
    }

    static boolean contains(int port) {
        return port >= FIRST && port <= LAST;
    }
}
