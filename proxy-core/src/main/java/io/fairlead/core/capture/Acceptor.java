package io.fairlead.core.capture;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;
import java.io.IOException;
import java.util.List;

/// Accepts connections at an address and port and leads them on by the published table.
public interface Acceptor {

    /// A bound, listening socket; closing it refuses new clients and leaves accepted ones alone.
    interface Listener extends AutoCloseable {

        /// The socket, for the kernel to lead clients to.
        int descriptor();

        @Override
        void close();
    }

    /// Listens.
    ///
    /// @throws java.net.BindException when another socket holds the address and port
    Listener listen(AddressPort at) throws IOException;

    /// Listens for clients that the kernel leads here whatever the address and port they ask for:
    /// one socket for each event loop.
    List<Listener> listenForLed(IpFamily family) throws IOException;
}
