package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/// A backend that refuses: a port of loopback that is bound and where nobody listens. Merely free,
/// it might become the port of who connects to it, and then TCP connects to itself.
public final class RefusingPort implements AutoCloseable {

    private final Socket holder = new Socket();

    public RefusingPort() {
        try {
            holder.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public AddressPort at() {
        return new AddressPort(IpAddress.of(holder.getLocalAddress()), holder.getLocalPort());
    }

    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
