package io.fairlead.bench.peer;

import io.fairlead.lab.Lab;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Clients know the backend's address: what every other way is compared with.
record Direct() implements Peer {

    @Override
    public String id() {
        return "direct";
    }

    @Override
    public String name() {
        return "direct";
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public @Nullable String missing() {
        return null;
    }

    @Override
    public boolean udp() {
        return true;
    }

    @Override
    public boolean process() {
        return false;
    }

    @Override
    public Running start(Lab lab, Layout layout, Path work) {
        return new Running() {
            @Override
            public String address(int service) {
                return lab.b1().ipv4().getHostAddress();
            }

            @Override
            public int port(int port) {
                return Layout.UDP_PORTS.contains(port) ? Layout.UDP_SERVER : port;
            }

            @Override
            public @Nullable ProcessHandle process() {
                return null;
            }

            @Override
            public void close() {}
        };
    }
}
