package io.fairlead.core.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fairlead.core.kernel.PacketMark;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A blocking socket that may be bound to any address, as an upstream that keeps its client's.
///
/// Every call ends within ten seconds.
public final class TransparentSocket implements AutoCloseable {

    // sys/socket.h, linux/in.h and linux/in6.h
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOL_SOCKET = 1;
    private static final int SO_MARK = 36;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int SOL_IP = 0;
    private static final int IP_TRANSPARENT = 19;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_TRANSPARENT = 75;

    /// Of TCP and UDP.
    public enum Kind {
        STREAM(1),
        DATAGRAM(2);

        private final int type;

        Kind(int type) {
            this.type = type;
        }
    }

    private final int fd;

    /// Connects from one address and port to another.
    public TransparentSocket(
            Kind kind, IpAddress source, int sourcePort, IpAddress target, int targetPort)
            throws IOException {
        boolean v4 = source.family() == IpFamily.IPV4;
        fd = check("socket", call("socket", v4 ? AF_INET : AF_INET6, kind.type, 0));
        try {
            option(v4 ? SOL_IP : SOL_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, one());
            option(SOL_SOCKET, SO_MARK, mark());
            option(SOL_SOCKET, SO_RCVTIMEO, seconds(10));
            option(SOL_SOCKET, SO_SNDTIMEO, seconds(10));
            address("bind", source, sourcePort);
            address("connect", target, targetPort);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    public void send(String text) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(text, StandardCharsets.US_ASCII);
            check("send", buffer("send", bytes, text.length()));
        }
    }

    /// What arrives next, as text.
    public String receive() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(1500);
            int length = check("recv", buffer("recv", bytes, 1500));
            return new String(
                    bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                    StandardCharsets.US_ASCII);
        }
    }

    @Override
    public void close() {
        call("close", fd);
    }

    private static byte[] one() {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(1).array();
    }

    private static byte[] mark() {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(PacketMark.OF_CLIENTS)
                .array();
    }

    private static byte[] seconds(long seconds) {
        return ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(seconds).array();
    }

    private void option(int level, int name, byte[] value) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            check(
                    "setsockopt",
                    invoke(
                            "setsockopt",
                            FunctionDescriptor.of(
                                    JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                            fd,
                            level,
                            name,
                            bytes,
                            value.length));
        }
    }

    private void address(String function, IpAddress address, int port) throws IOException {
        boolean v4 = address.family() == IpFamily.IPV4;
        ByteBuffer sockaddr = ByteBuffer.allocate(v4 ? 16 : 28).order(ByteOrder.nativeOrder());
        sockaddr.putShort((short) (v4 ? AF_INET : AF_INET6)).order(ByteOrder.BIG_ENDIAN);
        sockaddr.putShort((short) port).put(v4 ? new byte[0] : new byte[4]).put(address.toBytes());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, sockaddr.array());
            check(
                    function,
                    invoke(
                            function,
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                            fd,
                            bytes,
                            sockaddr.capacity()));
        }
    }

    private int buffer(String function, MemorySegment bytes, long length) {
        return (int)
                (long)
                        (Long)
                                object(
                                        function,
                                        FunctionDescriptor.of(
                                                JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT),
                                        fd,
                                        bytes,
                                        length,
                                        0);
    }

    private static int call(String function, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        java.util.Arrays.fill(layouts, JAVA_INT);
        return invoke(function, FunctionDescriptor.of(JAVA_INT, layouts), arguments);
    }

    private static int invoke(String function, FunctionDescriptor type, Object... arguments) {
        return (Integer) object(function, type, arguments);
    }

    @SuppressWarnings("restricted") // the JDK has no other door to these calls
    private static Object object(String function, FunctionDescriptor type, Object... arguments) {
        Linker linker = Linker.nativeLinker();
        try {
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(function), type)
                    .invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static int check(String function, int result) throws IOException {
        if (result < 0) {
            throw new IOException(function + " failed or took ten seconds");
        }
        return result;
    }
}
