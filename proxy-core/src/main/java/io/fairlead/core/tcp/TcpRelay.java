package io.fairlead.core.tcp;

import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.transport.EventLoops;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// The TCP side of the data plane: accepts where capture tells it to and relays by the published
/// table.
///
/// [#listen] belongs to the control thread; the rest happens on the event loops.
public final class TcpRelay implements AutoCloseable {

    private final List<TcpLoop> loops;
    private int nextLoop;

    /// @param clientAddresses whether backends may see the client's own
    public TcpRelay(
            EventLoops eventLoops,
            PublishedTable table,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            ConnectOptions connect,
            LongSupplier clock) {
        ReceiveWindow window = ReceiveWindow.probe();
        this.loops =
                eventLoops.loops().stream()
                        .map(loop ->
                                new TcpLoop(
                                        loop,
                                        table,
                                        window,
                                        refusedDials,
                                        clientAddresses,
                                        connect,
                                        clock))
                        .toList();
    }

    /// Listens at an address and port.
    ///
    /// @throws java.net.BindException when another socket holds them
    public Acceptor.Listener listen(AddressPort at) throws IOException {
        TcpLoop owner = loops.get(nextLoop++ % loops.size());
        return started(TcpListener.bind(at, owner, loops));
    }

    /// As [Acceptor#listenForLed].
    public List<Acceptor.Listener> listenForLed(IpFamily family) throws IOException {
        List<Acceptor.Listener> listeners = new ArrayList<>();
        try {
            for (TcpLoop loop : loops) {
                listeners.add(started(TcpListener.bindForLed(family, loop)));
            }
            return listeners;
        } catch (IOException e) {
            listeners.forEach(Acceptor.Listener::close);
            throw e;
        }
    }

    private static Acceptor.Listener started(TcpListener listener) {
        listener.start();
        return new Acceptor.Listener() {
            @Override
            public int descriptor() {
                return listener.fd().intValue();
            }

            @Override
            public void close() {
                listener.stop();
            }
        };
    }

    /// Flows now open, over all loops.
    public long liveFlows() {
        return loops.stream().mapToLong(l -> l.counters().live()).sum();
    }

    /// Connections to backends that failed, over all loops.
    public long connectFailures(ConnectFailure cause) {
        return loops.stream().mapToLong(l -> l.counters().connectFailures(cause)).sum();
    }

    /// Times a flow went on to another backend, over all loops.
    public long retries() {
        return loops.stream().mapToLong(l -> l.counters().retries()).sum();
    }

    /// Flows that were reset because no backend could be connected to, over all loops.
    public long givenUp() {
        return loops.stream().mapToLong(l -> l.counters().givenUp()).sum();
    }

    /// Times a listener had to leave clients in its queue, over all loops.
    public long acceptPauses() {
        return loops.stream().mapToLong(l -> l.counters().acceptPauses()).sum();
    }

    /// Blocks of memory that hold bytes on their way, over all loops; asks each loop and waits.
    public int heldBlocks() {
        return loops.stream().mapToInt(TcpLoop::heldBlocks).sum();
    }

    /// Resets every flow; those that are still being accepted are reset too.
    public void stop() {
        loops.forEach(TcpLoop::stop);
    }

    /// The loops' own state, once the event loops have stopped.
    @Override
    public void close() {
        loops.forEach(TcpLoop::close);
    }
}
