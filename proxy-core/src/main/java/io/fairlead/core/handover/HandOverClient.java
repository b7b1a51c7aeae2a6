package io.fairlead.core.handover;

import io.fairlead.core.handover.HandOverChannel.Message;
import io.fairlead.core.kernel.PacketSocket;
import io.fairlead.core.kernel.Syscall;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the agent that serves for all it has. Of one thread, but for [#close].
public final class HandOverClient implements AutoCloseable {

    /// No: with the agent's reason.
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final boolean mayRetire;

        RefusedException(String reason, boolean mayRetire) {
            super(reason);
            this.mayRetire = mayRetire;
        }

        /// Whether the agent makes room when it is asked to, by [#retire].
        public boolean mayRetire() {
            return mayRetire;
        }
    }

    private static final int NO_VERSION = 1;

    /// For the other to say the next thing. It may have to finish a change first; and whoever hangs
    /// is not waited for.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration A_DAY = Duration.ofDays(1);

    private final HandOverChannel channel;

    private HandOverClient(HandOverChannel channel) {
        this.channel = channel;
    }

    /// Finds the agent that serves with a run directory.
    ///
    /// @return null when none waits there for a successor
    public static @Nullable HandOverClient find(Path runDir) throws IOException {
        PacketSocket socket = PacketSocket.connect(runDir.resolve(HandOverServer.SOCKET_NAME));
        if (socket == null) {
            return null;
        }
        if (socket.peerUser() != Syscall.effectiveUser()) {
            socket.close();
            throw new HandOverException("the agent that serves runs as another user");
        }
        return new HandOverClient(new HandOverChannel(socket));
    }

    /// The process that serves; 0 when that cannot be seen from here.
    public int process() throws IOException {
        return channel.peerProcess();
    }

    /// Asks.
    ///
    /// @return false when the other is gone
    /// @throws RefusedException when it does not want to
    public boolean greet(Greeting greeting) throws IOException {
        channel.limit(PATIENCE);
        try {
            channel.send(MessageType.HELLO, greeting::write);
        } catch (IOException _) {
            // It may have said why.
        }
        Message answer = channel.receive(false);
        if (answer != null && answer.type() == MessageType.REFUSED) {
            int code = answer.in().readUnsignedShort();
            throw new RefusedException(answer.in().readUTF(), code == NO_VERSION);
        }
        return answer != null && answer.type() == MessageType.WELCOME;
    }

    /// Asks the other to stop taking clients and to let go of what only one can have; returns when
    /// it has, or is gone.
    public void retire() throws IOException {
        channel.limit(PATIENCE);
        channel.send(MessageType.RETIRE);
        Message _ = channel.receive(MessageType.LEFT);
    }

    /// Takes the open files and all that is known.
    ///
    /// @return false when the other was gone before that was all
    public boolean receive(Inheritance into) throws IOException {
        return receive(into, MessageType.PREPARED);
    }

    /// Takes the rest, for which datagrams wait in their sockets meanwhile.
    ///
    /// @return false when the other was gone before that was all
    public boolean receiveRest(Inheritance into) throws IOException {
        channel.limit(PATIENCE);
        try {
            channel.send(MessageType.READY);
        } catch (IOException _) {
            return false;
        }
        into.forgetBackends();
        return receive(into, MessageType.OFFERED);
    }

    private boolean receive(Inheritance into, MessageType last) throws IOException {
        channel.limit(PATIENCE);
        while (true) {
            Message message = channel.receive(true);
            if (message == null) {
                return false;
            }
            if (message.type() == last) {
                message.closeFiles();
                return true;
            }
            try {
                take(message, into);
            } catch (IOException | RuntimeException e) {
                message.closeFiles();
                throw e;
            }
        }
    }

    private static void take(Message message, Inheritance into) throws IOException {
        boolean withFiles =
                message.type() == MessageType.SOCKETS || message.type() == MessageType.FLOWS;
        int count = message.in().readInt();
        if (message.descriptors().size() != (withFiles ? count : 0)) {
            throw new HandOverException(
                    message.descriptors().size() + " open files with " + count + " entries");
        }
        // First read, then given away: what cannot be read leaves no file behind.
        List<Runnable> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(message, i, into));
        }
        message.mustBeOver();
        entries.forEach(Runnable::run);
    }

    private static Runnable entry(Message message, int i, Inheritance into) throws IOException {
        return switch (message.type()) {
            case SOCKETS -> {
                HandedSocket socket = Fields.socket(message.in(), message.descriptors().get(i));
                yield () -> into.add(socket);
            }
            case FLOWS -> {
                HandedFlow flow = Fields.flow(message.in(), message.descriptors().get(i));
                yield () -> into.add(flow);
            }
            case CLIENTS -> {
                var client = Fields.client(message.in());
                yield () -> into.add(client);
            }
            case STANDINGS -> {
                var standing = Fields.standing(message.in());
                yield () -> into.add(standing);
            }
            case COUNTS -> {
                var lent = Fields.count(message.in());
                yield () -> into.add(lent);
            }
            case HELLO, WELCOME, REFUSED, RETIRE, PREPARED, READY, OFFERED, SERVING, LEFT ->
                    throw new HandOverException(message.type() + " at the wrong time");
        };
    }

    /// Says that this agent serves; returns when the other has let go of all.
    ///
    /// @param hostKept whether this agent looks after routes, rules and the like
    /// @return false when the other is gone, or has given up waiting
    public boolean serve(boolean hostKept) throws IOException {
        channel.limit(PATIENCE);
        try {
            channel.send(MessageType.SERVING, out -> out.writeBoolean(hostKept));
        } catch (IOException _) {
            return false;
        }
        return channel.receive(MessageType.LEFT) != null;
    }

    /// Hears which flows the other still relays, until it ends; then there are none.
    public void follow(Consumer<List<HandedCount>> counts) {
        try {
            while (true) {
                Inheritance heard = new Inheritance();
                channel.limit(A_DAY);
                boolean whole = receiveCounts(heard);
                counts.accept(whole ? heard.counts() : List.of());
                if (!whole) {
                    return;
                }
            }
        } catch (IOException _) {
            counts.accept(List.of());
        }
    }

    private boolean receiveCounts(Inheritance into) throws IOException {
        while (true) {
            Message message = channel.receive(false);
            if (message == null) {
                return false;
            }
            if (message.type() == MessageType.PREPARED) {
                return true;
            }
            take(message, into);
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
