package io.fairlead.core.handover;

import io.fairlead.core.handover.HandOverChannel.Message;
import io.fairlead.core.kernel.PacketSocket;
import io.fairlead.core.kernel.Syscall;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits at a unix socket for an agent that takes over, and gives it everything.
///
/// One asks at a time, on the thread of this; whoever is slow is dropped, and whoever acts as
/// another user is refused. Until the successor has said that it serves, any end of the talk leaves
/// the agent serving as before.
public final class HandOverServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HandOverServer.class);

    /// Name of the socket in the run directory.
    public static final String SOCKET_NAME = "takeover.sock";

    /// How long a successor may take.
    ///
    /// @param greeting to say who it is
    /// @param preparing to take the sockets and make its capture: ten thousand routes, at worst
    /// @param serving to begin, while datagrams wait in their sockets
    public record Patience(Duration greeting, Duration preparing, Duration serving) {

        public static final Patience DEFAULT =
                new Patience(Duration.ofSeconds(2), Duration.ofSeconds(60), Duration.ofSeconds(10));
    }

    /// How often the successor hears which flows are left.
    private static final long COUNT_MILLIS = 500;

    private static final int NO_VERSION = 1;
    private static final int NOT_ALLOWED = 2;

    private final Path path;
    private final PacketSocket listener;
    private final Giver giver;
    private final Estate estate;
    private final Patience patience;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch given = new CountDownLatch(1);
    private volatile boolean over; // nobody else is listened to
    private volatile @Nullable HandOverChannel talk; // by the thread, for close()

    private HandOverServer(
            Path path, PacketSocket listener, Giver giver, Estate estate, Patience patience) {
        this.path = path;
        this.listener = listener;
        this.giver = giver;
        this.estate = estate;
        this.patience = patience;
        this.thread = Thread.ofPlatform().name("fairlead-takeover").daemon().unstarted(this::run);
    }

    /// Waits in a run directory, which the agent owns: what is left of an earlier one goes.
    public static HandOverServer listen(Path runDir, Giver giver, Estate estate, Patience patience)
            throws IOException {
        Path path = runDir.resolve(SOCKET_NAME);
        Files.deleteIfExists(path);
        PacketSocket listener = PacketSocket.listen(path);
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        HandOverServer server = new HandOverServer(path, listener, giver, estate, patience);
        server.thread.start();
        return server;
    }

    private void run() {
        try {
            while (!over) {
                PacketSocket client = listener.accept();
                if (client == null) {
                    break;
                }
                serve(client);
            }
        } catch (IOException e) {
            if (!over) {
                LOG.warn("nobody can take over any more: {}", e.getMessage());
            }
        } finally {
            ended.countDown();
        }
    }

    private void serve(PacketSocket client) {
        try (HandOverChannel channel = new HandOverChannel(client)) {
            talk = channel;
            channel.limit(patience.greeting());
            if (channel.peerUser() != Syscall.effectiveUser()) {
                // What is not read would be told to the other in place of the refusal.
                Message _ = channel.receive(false);
                LOG.warn("a process of user {} asked to take over: refused", channel.peerUser());
                refuse(channel, NOT_ALLOWED, "only the agent's own user can take over");
                return;
            }
            Message hello = channel.receive(MessageType.HELLO);
            if (hello == null) {
                return;
            }
            Greeting greeting = Greeting.read(hello.in());
            if (greeting.namespace() != giver.namespace()) {
                refuse(channel, NOT_ALLOWED, "it serves in another network namespace");
            } else if (greeting.common() == 0) {
                refuseVersion(channel, greeting);
            } else {
                exchange(channel, greeting);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("a hand-over was broken off: {}", told(e));
        } finally {
            talk = null;
        }
    }

    private static String told(Exception e) {
        return e instanceof SocketTimeoutException
                ? "the other is too slow"
                : e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString();
    }

    private static void refuse(HandOverChannel channel, int code, String reason)
            throws IOException {
        channel.send(
                MessageType.REFUSED,
                out -> {
                    out.writeShort(code);
                    out.writeUTF(reason);
                });
    }

    /// The one refusal that is not the last word: the other may ask this one to make room.
    private void refuseVersion(HandOverChannel channel, Greeting greeting) throws IOException {
        refuse(
                channel,
                NO_VERSION,
                "it speaks version "
                        + Greeting.VERSION
                        + " of the hand-over, not "
                        + greeting.oldest()
                        + " to "
                        + greeting.newest());
        Message retire = channel.receive(MessageType.RETIRE);
        if (retire == null) {
            return;
        }
        LOG.warn(
                "an agent of version {} takes the place of this one by an ordinary start: no"
                        + " version of the hand-over is known to both",
                greeting.build());
        if (giver.hold(() -> estate.leave(true))) {
            finish(channel);
        }
    }

    private void exchange(HandOverChannel channel, Greeting greeting) throws IOException {
        LOG.info(
                "an agent of version {}, pid {}, takes over",
                greeting.build(),
                channel.peerProcess());
        Step.ASKED.reached();
        Exchange exchange = new Exchange(channel);
        boolean held = giver.hold(exchange);
        if (exchange.failure != null) {
            throw exchange.failure;
        }
        if (held && exchange.done) {
            finish(channel);
        }
    }

    /// What happens while the agent's own thread does nothing else.
    private final class Exchange implements Runnable {

        private final HandOverChannel channel;
        private @Nullable IOException failure; // of the thread that holds, then of the server's
        private boolean done;

        Exchange(HandOverChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            try {
                give();
            } catch (IOException e) {
                failure = e;
            } catch (RuntimeException e) {
                failure = new IOException(e.toString(), e);
            } finally {
                if (!done) {
                    estate.thaw();
                    LOG.info("nobody has taken over; this agent serves on");
                }
            }
        }

        private void give() throws IOException {
            long began = System.nanoTime();
            channel.limit(patience.preparing());
            channel.send(MessageType.WELCOME, out -> out.writeShort(Greeting.VERSION));
            List<HandedSocket> sockets = estate.sockets().stream().filter(giver::gives).toList();
            int half = sockets.size() / 2;
            send(sockets.subList(0, half));
            Step.GIVING.reached();
            send(sockets.subList(half, sockets.size()));
            sendState(Long.MAX_VALUE);
            channel.send(MessageType.PREPARED);
            expect(MessageType.READY);

            channel.limit(patience.serving());
            List<HandedFlow> flows = estate.freeze();
            Step.FROZEN.reached();
            channel.sendAll(MessageType.FLOWS, flows, Fields::write, HandedFlow::descriptor);
            sendState(System.nanoTime() - began);
            channel.send(MessageType.OFFERED);
            Message serving = expect(MessageType.SERVING);
            boolean hostKept = serving.in().readBoolean();
            done = true;
            Step.LEAVING.reached();
            estate.leave(hostKept);
        }

        private void send(List<HandedSocket> sockets) throws IOException {
            channel.sendAll(MessageType.SOCKETS, sockets, Fields::write, HandedSocket::descriptor);
        }

        private void sendState(long sinceNs) throws IOException {
            channel.sendAll(MessageType.CLIENTS, estate.clients(sinceNs), Fields::write, _ -> -1);
            channel.sendAll(MessageType.STANDINGS, estate.standings(), Fields::write, _ -> -1);
            channel.sendAll(MessageType.COUNTS, estate.counts(), Fields::write, _ -> -1);
        }

        private Message expect(MessageType type) throws IOException {
            Message message = channel.receive(type);
            if (message == null) {
                throw new HandOverException("the other has ended");
            }
            return message;
        }
    }

    /// The other serves; it is told what it can have from here on, and later which flows are left.
    private void finish(HandOverChannel channel) throws IOException {
        over = true;
        listener.close();
        Files.deleteIfExists(path);
        giver.left();
        given.countDown();
        channel.limit(patience.serving());
        channel.send(MessageType.LEFT);
        try {
            List<HandedCount> told = List.of();
            while (!ended.await(COUNT_MILLIS, TimeUnit.MILLISECONDS)) {
                List<HandedCount> now = estate.counts();
                if (!now.equals(told)) {
                    channel.limit(patience.serving());
                    // All there are: which no longer are, the other sees by their absence.
                    channel.sendAll(MessageType.COUNTS, now, Fields::write, _ -> -1);
                    channel.send(MessageType.PREPARED);
                    told = now;
                }
            }
        } catch (IOException e) {
            LOG.debug("the other does not listen any more: {}", e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Listens to nobody else; a hand-over that is under way comes to its end.
    ///
    /// @return whether another agent has taken over
    public boolean settle() {
        over = true;
        listener.close();
        boolean taken = false;
        try {
            while (thread.isAlive() && !taken && ended.getCount() > 0) {
                taken = given.await(20, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return given.getCount() == 0;
    }

    /// Whether another agent has taken over.
    public boolean isOver() {
        return given.getCount() == 0;
    }

    @Override
    public void close() {
        over = true;
        listener.close();
        ended.countDown();
        HandOverChannel open = talk;
        if (open != null && given.getCount() > 0) {
            open.close();
        }
        try {
            thread.join(patience.serving());
            if (given.getCount() > 0) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.debug("the socket for successors could not be removed", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
