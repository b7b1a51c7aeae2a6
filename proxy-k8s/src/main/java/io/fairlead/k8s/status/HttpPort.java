package io.fairlead.k8s.status;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One listening port of ours and what it answers, by path; opened when it can be.
///
/// Opened and closed by one thread. What it answers is computed by a virtual thread for each
/// connection; those are bounded.
final class HttpPort implements AutoCloseable {

    private final InetSocketAddress at;
    private final Function<String, ? extends HttpAnswer> answers;
    private final InheritedPorts inherited;
    private final LongSupplier nanoClock;
    private @Nullable HttpListener listener;
    private boolean adopted;

    /// @param inherited where another agent's socket may be for it
    HttpPort(
            InetSocketAddress at,
            Function<String, ? extends HttpAnswer> answers,
            InheritedPorts inherited) {
        this(at, answers, inherited, System::nanoTime);
    }

    HttpPort(
            InetSocketAddress at,
            Function<String, ? extends HttpAnswer> answers,
            InheritedPorts inherited,
            LongSupplier nanoClock) {
        this.at = at;
        this.answers = answers;
        this.inherited = inherited;
        this.nanoClock = nanoClock;
    }

    /// Listens, unless it does already.
    ///
    /// @throws IOException that says why it cannot
    void open() throws IOException {
        if (listener == null) {
            HttpListener next = listen(inherited.take(at));
            next.start();
            listener = next;
        }
    }

    private HttpListener listen(OptionalInt socket) throws IOException {
        adopted = socket.isPresent();
        HttpListener next =
                HttpListener.bind(adopted ? SocketSwap.anywhere() : at, answers, nanoClock);
        try {
            if (adopted) {
                SocketSwap.replace(next.address(), socket.getAsInt());
            }
            return next;
        } catch (IOException e) {
            next.close();
            throw e;
        }
    }

    boolean isOpen() {
        return listener != null;
    }

    /// Where it listens; as asked for where it does not.
    InetSocketAddress address() {
        return listener == null || adopted ? at : listener.address();
    }

    @Override
    public void close() {
        if (listener != null) {
            listener.close();
            listener = null;
        }
    }
}
