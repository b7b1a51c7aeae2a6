package io.fairlead.core.capture;

import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.Frontend;
import java.io.IOException;
import java.util.List;

/// Takes in what clients send, and leads it on by the published table.
public interface Acceptor {

    /// Where clients arrive; closing it refuses new ones. Accepted connections stay; flows of
    /// datagrams end, for answers could leave from nowhere else.
    interface Listener extends AutoCloseable {

        /// The socket, for the kernel to lead clients to.
        int descriptor();

        /// All its sockets, in an order that stays.
        default List<Integer> descriptors() {
            return List.of(descriptor());
        }

        @Override
        void close();
    }

    /// Listens at a frontend's address and port.
    ///
    /// @throws java.net.BindException when another socket holds them
    Listener listen(Frontend frontend) throws IOException;

    /// Listens for TCP clients that the kernel leads here whatever the address and port they ask
    /// for: at least one socket for each event loop.
    List<Listener> listenForLed(IpFamily family) throws IOException;
}
