package io.fairlead.core.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// A name that one process at a time can have in a network namespace: a unix socket in the abstract
/// name space (unix(7)), which the kernel keeps for each network namespace and takes back when the
/// process ends, however it ends.
public final class NamespaceLock implements AutoCloseable {

    /// Another process has the name.
    public static final class HeldException extends IOException {
        private static final long serialVersionUID = 1L;

        private final long pid;

        HeldException(String name, long pid) {
            super("process " + pid + " has " + name);
            this.pid = pid;
        }

        /// The process that has it; 0 when that cannot be seen from here.
        public long pid() {
            return pid;
        }
    }

    // linux/un.h, linux/socket.h, asm-generic/socket.h
    private static final short AF_UNIX = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int CREDENTIALS_BYTES = 12; // struct ucred: pid, uid, gid

    private final int descriptor;

    private NamespaceLock(int descriptor) {
        this.descriptor = descriptor;
    }

    /// Takes the name in the network namespace of the calling thread.
    ///
    /// @throws HeldException when another process has it
    public static NamespaceLock take(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
            // struct sockaddr_un: the family, then a zero, then the name.
            MemorySegment address = arena.allocate(3L + ascii.length, Short.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(ascii, 0, address, ValueLayout.JAVA_BYTE, 3, ascii.length);
            int socket = check(Syscall.socket(AF_UNIX), name);
            long bound = Syscall.bind(socket, address);
            if (bound == -Errno.EADDRINUSE) {
                long pid = holder(socket, address, arena);
                Syscall.close(socket);
                throw new HeldException(name, pid);
            }
            try {
                check(bound, name);
                check(Syscall.listen(socket), name);
                return new NamespaceLock(socket);
            } catch (IOException e) {
                Syscall.close(socket);
                throw e;
            }
        }
    }

    /// Goes on with the name that another process has and has sent the socket of; who looks for its
    /// holder is led here from now on.
    public static NamespaceLock adopt(int descriptor) {
        long _ = Syscall.listen(descriptor);
        return new NamespaceLock(descriptor);
    }

    /// The socket, for another process to go on with.
    public int descriptor() {
        return descriptor;
    }

    private static int check(long result, String name) throws IOException {
        if (result < 0) {
            throw new IOException(name + ": " + Errno.text((int) -result));
        }
        return (int) result;
    }

    private static long holder(int socket, MemorySegment address, Arena arena) {
        MemorySegment credentials = arena.allocate(CREDENTIALS_BYTES, Integer.BYTES);
        if (Syscall.connect(socket, address) < 0
                || Syscall.getSocketOption(socket, SOL_SOCKET, SO_PEERCRED, credentials) < 0) {
            return 0;
        }
        return credentials.get(ValueLayout.JAVA_INT, 0);
    }

    @Override
    public void close() {
        Syscall.close(descriptor);
    }
}
