package io.fairlead.core.capture;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How clients of VIPs are made to arrive here; `--capture`.
public enum CaptureMode {
    /// The first of the others that works here.
    AUTO,

    /// A BPF program on local routes: [SkLookup].
    BPF,

    /// A listener for each frontend on local routes.
    LISTENERS,

    /// A listener for each frontend at addresses that are this machine's already: no privilege.
    LOOPBACK;

    /// As it is written in options and files.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<CaptureMode> parse(String word) {
        return Arrays.stream(values()).filter(m -> m.word().equals(word)).findFirst();
    }
}
