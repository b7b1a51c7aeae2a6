package io.fairlead.core.handover;

import io.fairlead.core.kernel.PacketSocket;
import io.fairlead.core.kernel.PacketSocket.Packet;
import io.fairlead.core.kernel.Syscall;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// One end of the talk between two agents. Of one thread, but for [#close].
///
/// A message is a packet: four bytes that mark it as ours, its type, the length of the rest, the
/// rest. Nothing is waited for without a bound.
final class HandOverChannel implements AutoCloseable {

    /// "FLHO"
    static final int MARK = 0x464c_484f;

    static final int HEADER_BYTES = 12;

    /// Of one message; the kernel's default for a unix socket's buffer is three times as much.
    static final int MAX_BYTES = 64 << 10;

    /// Entries are added to a message until it has that much.
    private static final int FULL_BYTES = 40 << 10;

    /// Writes a part of a message.
    interface Writer<T> {
        void write(DataOutput out, T value) throws IOException;
    }

    /// A message as it was received; its open files are the receiver's to close.
    record Message(MessageType type, DataInputStream in, List<Integer> descriptors) {

        void closeFiles() {
            descriptors.forEach(Syscall::close);
        }

        /// Whether all of it was read.
        void mustBeOver() throws IOException {
            if (in.available() > 0) {
                throw new HandOverException(type + " is too long");
            }
        }
    }

    private final PacketSocket socket;
    private long deadlineNs;

    HandOverChannel(PacketSocket socket) {
        this.socket = socket;
        limit(Duration.ZERO);
    }

    /// All that follows must be over within that time.
    void limit(Duration time) {
        deadlineNs = System.nanoTime() + time.toNanos();
    }

    int peerUser() throws IOException {
        return socket.peerUser();
    }

    int peerProcess() throws IOException {
        return socket.peerProcess();
    }

    void send(MessageType type) throws IOException {
        send(type, _ -> {}, List.of());
    }

    /// What a message says.
    interface Body {
        void write(DataOutput out) throws IOException;
    }

    void send(MessageType type, Body body) throws IOException {
        send(type, body, List.of());
    }

    private void send(MessageType type, Body body, List<Integer> descriptors) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.write(new DataOutputStream(bytes));
        send(type, bytes, descriptors);
    }

    private void send(MessageType type, ByteArrayOutputStream body, List<Integer> descriptors)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(HEADER_BYTES + body.size());
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MARK);
        out.writeInt(type.number());
        out.writeInt(body.size());
        body.writeTo(out);
        socket.send(MemorySegment.ofArray(bytes.toByteArray()), descriptors, deadlineNs);
    }

    /// Sends values in as many messages as they need; each begins with how many it has.
    ///
    /// @param file the open file that goes with a value; negative for none
    <T> void sendAll(
            MessageType type, List<T> values, Writer<? super T> writer, ToIntFunction<T> file)
            throws IOException {
        int from = 0;
        while (from < values.size()) {
            ByteArrayOutputStream entries = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(entries);
            List<Integer> files = new ArrayList<>();
            int next = from;
            while (next < values.size()
                    && entries.size() < FULL_BYTES
                    && files.size() < PacketSocket.MAX_DESCRIPTORS) {
                T value = values.get(next++);
                writer.write(out, value);
                if (file.applyAsInt(value) >= 0) {
                    files.add(file.applyAsInt(value));
                }
            }
            int count = next - from;
            send(
                    type,
                    message -> {
                        message.writeInt(count);
                        message.write(entries.toByteArray());
                    },
                    files);
            from = next;
        }
    }

    /// The next message.
    ///
    /// @param withFiles whether open files may come with it
    /// @return null when the peer is gone
    /// @throws IOException when it is not what may come, or has not come in time
    @Nullable Message receive(boolean withFiles) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Packet packet = socket.receive(MAX_BYTES, arena, withFiles, deadlineNs);
            if (packet == null) {
                return null;
            }
            try {
                return message(packet);
            } catch (IOException e) {
                packet.descriptors().forEach(Syscall::close);
                throw e;
            }
        }
    }

    private static Message message(Packet packet) throws IOException {
        byte[] bytes = packet.text().toArray(ValueLayout.JAVA_BYTE);
        if (bytes.length < HEADER_BYTES) {
            throw new HandOverException("a message of " + bytes.length + " bytes");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        if (in.readInt() != MARK) {
            throw new HandOverException("what it says is no message of a hand-over");
        }
        int type = in.readInt();
        int length = in.readInt();
        if (length != bytes.length - HEADER_BYTES) {
            throw new HandOverException(
                    "a message that says "
                            + length
                            + " bytes and has "
                            + (bytes.length - HEADER_BYTES));
        }
        return new Message(MessageType.of(type), in, packet.descriptors());
    }

    /// The next message, which must be of that type.
    ///
    /// @return null when the peer is gone
    @Nullable Message receive(MessageType wanted) throws IOException {
        Message message = receive(false);
        if (message != null && message.type() != wanted) {
            throw new HandOverException(message.type() + " in place of " + wanted);
        }
        return message;
    }

    @Override
    public void close() {
        socket.close();
    }
}
