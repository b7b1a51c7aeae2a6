package io.fairlead.k8s.status;

import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.IpAddress;
import java.net.InetSocketAddress;
import java.util.OptionalInt;

/// The HTTP ports that another agent has left: whoever opens one of them goes on with the other's
/// socket, and nobody who is on the way to it is refused. Any thread.
public final class InheritedPorts implements AutoCloseable {

    private final Inheritance inheritance;
    private boolean closed;

    /// @param inheritance owned from here on; nothing but ports is taken from it
    public InheritedPorts(Inheritance inheritance) {
        this.inheritance = inheritance;
    }

    /// None.
    public static InheritedPorts none() {
        return new InheritedPorts(new Inheritance());
    }

    /// The socket that listens there, the caller's from here on.
    synchronized OptionalInt take(InetSocketAddress at) {
        return closed
                ? OptionalInt.empty()
                : inheritance.takeOther(IpAddress.of(at.getAddress()), at.getPort());
    }

    /// Closes those that nobody asked for.
    @Override
    public synchronized void close() {
        closed = true;
        inheritance.close();
    }
}
