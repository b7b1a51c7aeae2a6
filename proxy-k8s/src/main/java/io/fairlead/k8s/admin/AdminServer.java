package io.fairlead.k8s.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket on which the agent answers questions: unix, for its own user and root, or TCP
/// on loopback.
///
/// One thread accepts; each client gets a virtual one. Clients are bounded in number, in what they
/// may ask at length, and in time: whoever does not read is cut off.
public final class AdminServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    /// Name of the socket in the run directory.
    public static final String SOCKET_NAME = "admin.sock";

    /// Answers are below a MiB or so each: what slow readers can hold in all.
    static final int MAX_CLIENTS = 16;

    private static final int BACKLOG = 64;

    /// For one client: asking, answering and reading the answer.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ServerSocketChannel listener;
    private final @Nullable Path socket;
    private final Function<AdminRequest, AdminReply> answers;
    private final Duration patience;
    private final Semaphore room = new Semaphore(MAX_CLIENTS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("fairlead-admin-time").daemon().factory());
    private final Thread thread;

    private AdminServer(
            ServerSocketChannel listener,
            @Nullable Path socket,
            Function<AdminRequest, AdminReply> answers,
            Duration patience) {
        this.listener = listener;
        this.socket = socket;
        this.answers = answers;
        this.patience = patience;
        this.thread = Thread.ofPlatform().name("fairlead-admin").daemon().unstarted(this::accept);
    }

    /// Listens in the run directory, which the agent owns: what is left of an earlier one goes.
    ///
    /// @throws IOException that says what cannot be done
    public static AdminServer listen(Path runDir, AdminPages pages) throws IOException {
        return listen(runDir, pages::answer, PATIENCE);
    }

    static AdminServer listen(
            Path runDir, Function<AdminRequest, AdminReply> answers, Duration patience)
            throws IOException {
        Path path = runDir.resolve(SOCKET_NAME);
        Files.deleteIfExists(path);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return start(new AdminServer(listener, path, answers, patience));
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    /// Listens on loopback; every user of this machine may ask there.
    ///
    /// @throws IOException that says what cannot be done
    public static AdminServer listen(InetAddress address, int port, AdminPages pages)
            throws IOException {
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException(address + " is not a loopback address");
        }
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(new InetSocketAddress(address, port), BACKLOG);
            return start(new AdminServer(listener, null, pages::answerBrowser, PATIENCE));
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    private static AdminServer start(AdminServer server) {
        server.thread.start();
        return server;
    }

    /// Where it listens.
    public SocketAddress address() throws IOException {
        return listener.getLocalAddress();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                open.add(client);
                Thread.ofVirtual().name("fairlead-admin-client").start(() -> serve(client));
            } catch (IOException e) {
                if (listener.isOpen()) {
                    LOG.warn("the admin server pauses: {}", e.getMessage());
                    pause();
                }
            }
        }
    }

    /// Out of descriptors, most likely.
    private static void pause() {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel client) {
        boolean admitted = room.tryAcquire();
        try (client) {
            AdminExchange exchange = new AdminExchange(client, watch, patience);
            if (!admitted) {
                exchange.refuse(
                        AdminReply.error(
                                AdminReply.BUSY,
                                MAX_CLIENTS + " others are asking; try again in a moment"));
            } else if (socket != null && !PeerUser.isAllowed(client, socket)) {
                exchange.refuse(
                        AdminReply.error(
                                AdminReply.FORBIDDEN, "for the agent's own user and root only"));
            } else {
                exchange.answer(answers);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("an admin client was not answered", e);
        } finally {
            open.remove(client);
            if (admitted) {
                room.release();
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            thread.interrupt();
            thread.join();
            for (SocketChannel client : open) {
                client.close();
            }
            if (socket != null) {
                Files.deleteIfExists(socket);
            }
        } catch (IOException e) {
            LOG.debug("the admin socket could not be closed", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        watch.shutdownNow();
    }
}
