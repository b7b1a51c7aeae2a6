package io.fairlead.core.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A unix socket whose messages stay apart and can carry open files to another process (unix(7),
/// SOCK_SEQPACKET and SCM_RIGHTS). Of one thread, but for [#close].
///
/// What it takes is bounded in bytes, in files and in time: the peer may be anybody who could open
/// the socket's path.
public final class PacketSocket implements AutoCloseable {

    /// A message and the open files that came with it, which are the caller's to close.
    ///
    /// @param text its bytes
    public record Packet(MemorySegment text, List<Integer> descriptors) {
        public Packet {
            descriptors = List.copyOf(descriptors);
        }
    }

    /// Open files that one message can carry; the kernel's own bound is 253 (SCM_MAX_FD).
    public static final int MAX_DESCRIPTORS = 200;

    // linux/un.h, linux/socket.h, asm-generic/socket.h
    private static final short AF_UNIX = 1;
    private static final int PATH_BYTES = 108;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int CREDENTIALS_BYTES = 12; // struct ucred: pid, uid, gid
    private static final int BACKLOG = 16;

    // struct msghdr and struct cmsghdr of a 64-bit machine
    private static final int HEADER_BYTES = 56;
    private static final int VECTOR_AT = 16;
    private static final int VECTORS_AT = 24;
    private static final int CONTROL_AT = 32;
    private static final int CONTROL_LENGTH_AT = 40;
    private static final int FLAGS_AT = 48;
    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_TRUNC = 0x20;

    private static final int CLOSED = -1;

    private final AtomicInteger descriptor;

    private PacketSocket(int descriptor) {
        this.descriptor = new AtomicInteger(descriptor);
    }

    /// Listens at a path, where nothing may be.
    public static PacketSocket listen(Path path) throws IOException {
        PacketSocket socket = open();
        try (Arena arena = Arena.ofConfined()) {
            check(Syscall.bind(socket.number(), address(arena, path)), path.toString());
            check(Syscall.listen(socket.number(), BACKLOG), path.toString());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /// Connects to whoever listens at a path.
    ///
    /// @return null when nobody does
    public static @Nullable PacketSocket connect(Path path) throws IOException {
        PacketSocket socket = open();
        try (Arena arena = Arena.ofConfined()) {
            long result = Syscall.connect(socket.number(), address(arena, path));
            if (result == -Errno.ENOENT || result == -Errno.ECONNREFUSED) {
                socket.close();
                return null;
            }
            check(result, path.toString());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static PacketSocket open() throws IOException {
        return new PacketSocket(check(Syscall.packetSocket(), "unix socket"));
    }

    private static MemorySegment address(Arena arena, Path path) throws IOException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_BYTES) {
            throw new IOException(path + " is too long for a socket: 107 bytes at most");
        }
        MemorySegment address = arena.allocate(Short.BYTES + PATH_BYTES, Short.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, Short.BYTES, name.length);
        return address;
    }

    private static int check(long result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": " + Errno.text((int) -result));
        }
        return (int) result;
    }

    /// The next client.
    ///
    /// @return null once this is closed
    public @Nullable PacketSocket accept() throws IOException {
        long result = Syscall.accept(number());
        while (result == -Errno.EINTR && !isClosed()) {
            result = Syscall.accept(number());
        }
        if (isClosed()) {
            if (result >= 0) {
                Syscall.close((int) result);
            }
            return null;
        }
        return new PacketSocket(check(result, "accept"));
    }

    /// The user that the peer acted as when it connected or listened.
    public int peerUser() throws IOException {
        return credential(Integer.BYTES);
    }

    /// The peer's process; 0 when that cannot be seen from here.
    public int peerProcess() throws IOException {
        return credential(0);
    }

    private int credential(int at) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(CREDENTIALS_BYTES, Integer.BYTES);
            check(
                    Syscall.getSocketOption(number(), SOL_SOCKET, SO_PEERCRED, credentials),
                    "the peer of a unix socket");
            return credentials.get(ValueLayout.JAVA_INT, at);
        }
    }

    /// Sends one message.
    ///
    /// @param deadlineNs on the clock of System.nanoTime
    /// @throws SocketTimeoutException when the peer does not take it by then
    public void send(MemorySegment text, List<Integer> descriptors, long deadlineNs)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, text.byteSize()), Long.BYTES);
            MemorySegment.copy(text, 0, copy, 0, text.byteSize());
            MemorySegment control = MemorySegment.NULL;
            if (!descriptors.isEmpty()) {
                control = arena.allocate(controlBytes(descriptors.size()), Long.BYTES);
                control.set(
                        ValueLayout.JAVA_LONG,
                        0,
                        CONTROL_HEADER_BYTES + (long) Integer.BYTES * descriptors.size());
                control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
                control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
                for (int i = 0; i < descriptors.size(); i++) {
                    control.set(
                            ValueLayout.JAVA_INT,
                            CONTROL_HEADER_BYTES + (long) Integer.BYTES * i,
                            descriptors.get(i));
                }
            }
            MemorySegment header = header(arena, copy, text.byteSize(), control);
            long result;
            do {
                limit(SO_SNDTIMEO, deadlineNs, arena);
                result = Syscall.sendMessage(number(), header);
            } while (result == -Errno.EINTR);
            told(result);
        }
    }

    /// The next message.
    ///
    /// @param most bytes it may have
    /// @param arena where its bytes live
    /// @param withFiles whether open files may come with it; others are dropped by the kernel
    /// @param deadlineNs on the clock of System.nanoTime
    /// @return null when the peer has closed
    /// @throws SocketTimeoutException when none has come by then
    /// @throws IOException when it is too long, or has too many open files
    public @Nullable Packet receive(int most, Arena arena, boolean withFiles, long deadlineNs)
            throws IOException {
        MemorySegment text = arena.allocate(most, Long.BYTES);
        MemorySegment control =
                withFiles
                        ? arena.allocate(controlBytes(MAX_DESCRIPTORS), Long.BYTES)
                        : MemorySegment.NULL;
        MemorySegment header = header(arena, text, most, control);
        long result;
        do {
            limit(SO_RCVTIMEO, deadlineNs, arena);
            result = Syscall.receiveMessage(number(), header);
        } while (result == -Errno.EINTR);
        if (result == 0 || result == -Errno.ECONNRESET) {
            return null;
        }
        told(result);
        List<Integer> descriptors =
                withFiles
                        ? descriptors(control, header.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH_AT))
                        : List.of();
        int flags = header.get(ValueLayout.JAVA_INT, FLAGS_AT);
        if ((flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
            descriptors.forEach(Syscall::close);
            throw new IOException(
                    (flags & MSG_TRUNC) != 0
                            ? "a message of more than " + most + " bytes"
                            : "a message with more open files than it may have");
        }
        return new Packet(text.asSlice(0, result), descriptors);
    }

    private static List<Integer> descriptors(MemorySegment control, long length) {
        List<Integer> found = new ArrayList<>();
        long at = 0;
        while (at + CONTROL_HEADER_BYTES <= length) {
            long bytes = control.get(ValueLayout.JAVA_LONG, at);
            if (bytes < CONTROL_HEADER_BYTES || at + bytes > length) {
                break;
            }
            if (control.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET
                    && control.get(ValueLayout.JAVA_INT, at + 12) == SCM_RIGHTS) {
                for (long i = at + CONTROL_HEADER_BYTES; i < at + bytes; i += Integer.BYTES) {
                    found.add(control.get(ValueLayout.JAVA_INT, i));
                }
            }
            at += aligned(bytes);
        }
        return found;
    }

    private static long controlBytes(int descriptors) {
        return aligned(CONTROL_HEADER_BYTES + (long) Integer.BYTES * descriptors);
    }

    private static long aligned(long bytes) {
        return (bytes + Long.BYTES - 1) & -Long.BYTES;
    }

    private static MemorySegment header(
            Arena arena, MemorySegment text, long bytes, MemorySegment control) {
        MemorySegment vector = arena.allocate(2L * Long.BYTES, Long.BYTES);
        vector.set(ValueLayout.JAVA_LONG, 0, text.address());
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, bytes);
        MemorySegment header = arena.allocate(HEADER_BYTES, Long.BYTES);
        header.set(ValueLayout.JAVA_LONG, VECTOR_AT, vector.address());
        header.set(ValueLayout.JAVA_LONG, VECTORS_AT, 1);
        header.set(ValueLayout.JAVA_LONG, CONTROL_AT, control.address());
        header.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH_AT, control.byteSize());
        return header;
    }

    /// Lets the next call wait until the deadline and no longer.
    private void limit(int option, long deadlineNs, Arena arena) throws IOException {
        long micros = TimeUnit.NANOSECONDS.toMicros(deadlineNs - System.nanoTime());
        if (micros <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        MemorySegment time = arena.allocate(2L * Long.BYTES, Long.BYTES); // struct timeval
        time.set(ValueLayout.JAVA_LONG, 0, micros / 1_000_000);
        time.set(ValueLayout.JAVA_LONG, Long.BYTES, micros % 1_000_000);
        check(Syscall.setSocketOption(number(), SOL_SOCKET, option, time), "unix socket");
    }

    private static void told(long result) throws IOException {
        if (result == -Errno.EAGAIN) {
            throw new SocketTimeoutException("no answer in time");
        }
        check(result, "unix socket");
    }

    private int number() {
        return descriptor.get();
    }

    private boolean isClosed() {
        return descriptor.get() == CLOSED;
    }

    /// Whoever waits in it on another thread returns. A second call does nothing.
    @Override
    public void close() {
        int open = descriptor.getAndSet(CLOSED);
        if (open != CLOSED) {
            long _ = Syscall.shutDown(open);
            Syscall.close(open);
        }
    }
}
