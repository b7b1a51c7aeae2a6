package io.fairlead.k8s.status;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Where a server listens.
///
/// @param port 0 for any that is free
public record BindAddress(IpAddress host, int port) {

    private static final int MAX_PORT = 65_535;

    public BindAddress {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is not within 0 and 65535");
        }
    }

    /// Reads `10.0.0.1:80` or `[::]:80`; null for `off` and for nothing.
    ///
    /// @throws IllegalArgumentException for anything else
    public static @Nullable BindAddress parse(String text) {
        if (text.isEmpty() || text.equals("off")) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw notAnAddress(text);
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        try {
            IpAddress address =
                    IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host);
            if (bracketed != (address.family() == IpFamily.IPV6)) {
                throw notAnAddress(text);
            }
            return new BindAddress(address, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException _) {
            throw notAnAddress(text);
        }
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not ADDRESS:PORT, [ADDRESS]:PORT or off");
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host.toInetAddress(), port);
    }

    @Override
    public String toString() {
        return (host.family() == IpFamily.IPV6 ? "[" + host + "]" : host) + ":" + port;
    }
}
