package io.fairlead.core.capture;

import io.fairlead.core.service.AddressPort;
import java.io.IOException;

/// Accepts connections at an address and port and leads them on by the published table.
@FunctionalInterface
public interface Acceptor {

    /// A bound, listening socket; closing it refuses new clients and leaves accepted ones alone.
    interface Listener extends AutoCloseable {
        @Override
        void close();
    }

    /// Listens.
    ///
    /// @throws java.net.BindException when another socket holds the address and port
    Listener listen(AddressPort at) throws IOException;
}
