package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// `syscall(2)` with its errno. Control thread and start-up only: it allocates.
public final class Syscall {

    private static final MethodHandle SYSCALL =
            LibC.function(
                    "syscall",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    LibC.KEEPS_ERRNO,
                    Linker.Option.firstVariadicArg(1));

    /// The numbers of one machine's system call table.
    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));

    private Syscall() {}

    /// `bpf(2)`, from asm/unistd_64.h and asm-generic/unistd.h.
    public static long bpf(int command, MemorySegment attributes) {
        return call(ARM ? 280 : 321, command, attributes.address(), attributes.byteSize(), 0);
    }

    /// Opens for reading, close-on-exec.
    public static int open(String path) {
        final int atWorkingDirectory = -100; // AT_FDCWD
        final int closeOnExec = 0x80000; // O_CLOEXEC
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return (int) call(ARM ? 56 : 257, atWorkingDirectory, name.address(), closeOnExec, 0);
        }
    }

    /// Closes a descriptor; what it reports does not matter, the descriptor is gone.
    public static void close(int descriptor) {
        long _ = call(ARM ? 57 : 3, descriptor, 0, 0, 0);
    }

    /// Fills `ends` with the descriptors of a pipe, close-on-exec.
    static long pipe(MemorySegment ends) {
        final int closeOnExec = 0x80000; // O_CLOEXEC
        return call(ARM ? 59 : 293, ends.address(), closeOnExec, 0, 0);
    }

    static long fcntl(int descriptor, int command, long argument) {
        return call(ARM ? 25 : 72, descriptor, command, argument, 0);
    }

    /// A stream socket, close-on-exec.
    static long socket(int family) {
        final int streamClosedOnExec = 1 | 0x80000; // SOCK_STREAM | SOCK_CLOEXEC
        return call(ARM ? 198 : 41, family, streamClosedOnExec, 0, 0);
    }

    /// A raw socket, close-on-exec.
    static long rawSocket(int family, int protocol) {
        final int rawClosedOnExec = 3 | 0x80000; // SOCK_RAW | SOCK_CLOEXEC
        return call(ARM ? 198 : 41, family, rawClosedOnExec, protocol, 0);
    }

    static long sendTo(int socket, MemorySegment data, MemorySegment to) {
        final int doNotWait = 0x40; // MSG_DONTWAIT
        return call(
                ARM ? 206 : 44,
                socket,
                data.address(),
                data.byteSize(),
                doNotWait,
                to.address(),
                to.byteSize());
    }

    /// Waits for a message and fills `data` with its beginning.
    static long receive(int socket, MemorySegment data) {
        return call(ARM ? 207 : 45, socket, data.address(), data.byteSize(), 0);
    }

    static long bind(int socket, MemorySegment address) {
        return call(ARM ? 200 : 49, socket, address.address(), address.byteSize(), 0);
    }

    static long listen(int socket) {
        return call(ARM ? 201 : 50, socket, 1, 0, 0);
    }

    static long listen(int socket, int backlog) {
        return call(ARM ? 201 : 50, socket, backlog, 0, 0);
    }

    static long connect(int socket, MemorySegment address) {
        return call(ARM ? 203 : 42, socket, address.address(), address.byteSize(), 0);
    }

    /// A unix socket that keeps messages apart, close-on-exec.
    static long packetSocket() {
        final int unix = 1; // AF_UNIX
        final int packetsClosedOnExec = 5 | 0x80000; // SOCK_SEQPACKET | SOCK_CLOEXEC
        return call(ARM ? 198 : 41, unix, packetsClosedOnExec, 0, 0);
    }

    /// Waits for a client; its socket is close-on-exec.
    static long accept(int socket) {
        return call(ARM ? 242 : 288, socket, 0, 0, 0x80000); // SOCK_CLOEXEC
    }

    /// Ends both directions of a socket; whoever waits on it returns.
    static long shutDown(int socket) {
        return call(ARM ? 210 : 48, socket, 2, 0, 0); // SHUT_RDWR
    }

    static long sendMessage(int socket, MemorySegment header) {
        return call(ARM ? 211 : 46, socket, header.address(), 0x4000, 0); // MSG_NOSIGNAL
    }

    /// Descriptors that come along are close-on-exec.
    static long receiveMessage(int socket, MemorySegment header) {
        return call(ARM ? 212 : 47, socket, header.address(), 0x4000_0000, 0); // MSG_CMSG_CLOEXEC
    }

    /// Another descriptor of the same open file, close-on-exec.
    ///
    /// @return it, or the negative of an errno
    public static int duplicate(int descriptor) {
        return (int) call(ARM ? 25 : 72, descriptor, 1030, 0, 0); // F_DUPFD_CLOEXEC
    }

    /// Makes `target` another descriptor of the same open file, close-on-exec; what it was before
    /// is closed.
    ///
    /// @return `target`, or the negative of an errno
    public static int duplicateOnto(int descriptor, int target) {
        return (int) call(ARM ? 24 : 292, descriptor, target, 0x80000, 0); // O_CLOEXEC
    }

    /// The user that this process acts as.
    public static int effectiveUser() {
        return (int) call(ARM ? 175 : 107, 0, 0, 0, 0);
    }

    static long setSocketOption(int socket, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_INT, value);
            return call(ARM ? 208 : 54, socket, level, option, copy.address(), Integer.BYTES);
        }
    }

    static long setSocketOption(int socket, int level, int option, MemorySegment value) {
        return call(ARM ? 208 : 54, socket, level, option, value.address(), value.byteSize());
    }

    /// Fills `value` with what an option has.
    static long getSocketOption(int socket, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
            return call(ARM ? 209 : 55, socket, level, option, value.address(), length.address());
        }
    }

    /// Makes a call.
    ///
    /// @return what the call returns, or the negative of its errno
    private static long call(int number, long a, long b, long c, long d) {
        return call(number, a, b, c, d, 0);
    }

    private static long call(int number, long a, long b, long c, long d, long e) {
        return call(number, a, b, c, d, e, 0);
    }

    private static long call(int number, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(LibC.STATE);
            long result = (long) SYSCALL.invokeExact(state, (long) number, a, b, c, d, e, f);
            return result < 0 ? -LibC.errno(state) : result;
        } catch (Throwable failure) {
            throw LibC.failure(failure);
        }
    }
}
