package io.fairlead.core;

import io.fairlead.core.tcp.RelayMode;
import io.fairlead.core.transport.Transport;
import java.util.Locale;

/// How this run of the tests relays, where it is not told by a test itself:
/// `-Dfairlead.test.relay=copy|splice|adaptive` and `-Dfairlead.test.transport=epoll|io_uring`.
final class TestedWay {

    private static final String RELAY = System.getProperty("fairlead.test.relay", "");
    private static final String TRANSPORT = System.getProperty("fairlead.test.transport", "");

    private TestedWay() {}

    static PlaneOptions of(PlaneOptions options) {
        PlaneOptions tested = options;
        if (!RELAY.isEmpty()) {
            RelayMode mode = RelayMode.valueOf(RELAY.toUpperCase(Locale.ROOT));
            tested = tested.withTcp(tested.tcp().withRelay(mode));
        }
        if (!TRANSPORT.isEmpty()) {
            Transport transport = Transport.valueOf(TRANSPORT.toUpperCase(Locale.ROOT));
            tested = tested.withLoops(tested.loops().withTransport(transport));
        }
        return tested;
    }
}
