package io.fairlead.core;

import io.fairlead.core.tcp.RelayMode;
import java.util.Locale;

/// How this run of the tests relays, where it is not told by a test itself:
/// `-Dfairlead.test.relay=copy|splice|adaptive`.
final class TestedWay {

    private static final String RELAY = System.getProperty("fairlead.test.relay", "");

    private TestedWay() {}

    static PlaneOptions of(PlaneOptions options) {
        return RELAY.isEmpty()
                ? options
                : options.withTcp(
                        options.tcp().withRelay(RelayMode.valueOf(RELAY.toUpperCase(Locale.ROOT))));
    }
}
