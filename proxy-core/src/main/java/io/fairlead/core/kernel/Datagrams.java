package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Takes in and sends on many datagrams with one system call (recvmmsg(2), sendmmsg(2)). One for
/// each thread; allocates nothing per datagram.
///
/// What was received stays in its slots until the next [#receive], and is sent on from there.
public final class Datagrams {

    /// A datagram's most bytes over IPv4 and IPv6 without jumbograms, and more.
    public static final int LARGEST = 65_536;

    // linux/socket.h: struct mmsghdr is a msghdr and the bytes received; struct msghdr; struct
    // iovec
    private static final int HEADER_BYTES = 64;
    private static final int NAME_AT = 0;
    private static final int NAME_LENGTH_AT = 8;
    private static final int VECTOR_AT = 16;
    private static final int VECTORS_AT = 24;
    private static final int RECEIVED_AT = 56;
    private static final int VECTOR_BYTES = 16;
    private static final int VECTOR_LENGTH_AT = 8;

    // linux/in.h, linux/in6.h
    private static final int SLOT_NAME_BYTES = 32;
    private static final int IPV4_BYTES = 16;
    private static final int IPV6_BYTES = 28;
    private static final int PORT_AT = 2;
    private static final int IPV4_AT = 4;
    private static final int IPV6_AT = 8;
    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;

    private static final int MSG_DONTWAIT = 0x40;

    private static final MethodHandle RECVMMSG =
            LibC.function(
                    "recvmmsg",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS),
                    LibC.KEEPS_ERRNO);
    private static final MethodHandle SENDMMSG =
            LibC.function(
                    "sendmmsg",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT),
                    LibC.KEEPS_ERRNO);

    private final int slots;

    /// Slots that were written to since they were made ready to receive.
    private int used;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(LibC.STATE);
    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment data;

    /// @param slots how many datagrams are taken in at once
    public Datagrams(int slots) {
        this.slots = slots;
        this.used = slots;
        this.headers = arena.allocate((long) slots * HEADER_BYTES, Long.BYTES);
        this.vectors = arena.allocate((long) slots * VECTOR_BYTES, Long.BYTES);
        this.names = arena.allocate((long) slots * SLOT_NAME_BYTES, Long.BYTES);
        this.data = arena.allocate((long) slots * LARGEST, Long.BYTES);
        for (int slot = 0; slot < slots; slot++) {
            long header = (long) slot * HEADER_BYTES;
            long vector = (long) slot * VECTOR_BYTES;
            vectors.set(ValueLayout.JAVA_LONG, vector, data.address() + (long) slot * LARGEST);
            headers.set(ValueLayout.JAVA_LONG, header + VECTOR_AT, vectors.address() + vector);
            headers.set(ValueLayout.JAVA_LONG, header + VECTORS_AT, 1);
        }
    }

    /// Takes in what waits.
    ///
    /// @return how many datagrams, or the negative of an errno: EAGAIN when none waits
    public int receive(int socket) {
        for (int slot = 0; slot < used; slot++) {
            long header = (long) slot * HEADER_BYTES;
            headers.set(
                    ValueLayout.JAVA_LONG,
                    header + NAME_AT,
                    names.address() + (long) slot * SLOT_NAME_BYTES);
            headers.set(ValueLayout.JAVA_INT, header + NAME_LENGTH_AT, SLOT_NAME_BYTES);
            vectors.set(
                    ValueLayout.JAVA_LONG, (long) slot * VECTOR_BYTES + VECTOR_LENGTH_AT, LARGEST);
        }
        try {
            int result =
                    (int)
                            RECVMMSG.invokeExact(
                                    state,
                                    socket,
                                    headers,
                                    slots,
                                    MSG_DONTWAIT,
                                    MemorySegment.NULL);
            used = Math.max(result, 0);
            return result >= 0 ? result : -LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// Sends one datagram on to the peer of a connected socket.
    ///
    /// @return 0, or one of [Errno]'s
    public int sendOn(int slot, int connected) {
        headers.set(ValueLayout.JAVA_INT, (long) slot * HEADER_BYTES + NAME_LENGTH_AT, 0);
        headers.set(ValueLayout.JAVA_LONG, (long) slot * HEADER_BYTES + NAME_AT, 0);
        return send(connected, slot, 1);
    }

    /// Addresses a datagram that [#sendTogether] is to send.
    public void address(int slot, boolean ipv6, long high, long low, int port) {
        long name = (long) slot * SLOT_NAME_BYTES;
        names.set(ValueLayout.JAVA_LONG, name, 0);
        names.set(ValueLayout.JAVA_SHORT, name, ipv6 ? AF_INET6 : AF_INET);
        names.set(NetworkOrder.SHORT, name + PORT_AT, (short) port);
        if (ipv6) {
            names.set(NetworkOrder.LONG, name + IPV6_AT, high);
            names.set(NetworkOrder.LONG, name + IPV6_AT + Long.BYTES, low);
            names.set(ValueLayout.JAVA_INT, name + IPV6_AT + 2 * Long.BYTES, 0);
        } else {
            names.set(NetworkOrder.INT, name + IPV4_AT, (int) low);
        }
        headers.set(
                ValueLayout.JAVA_INT,
                (long) slot * HEADER_BYTES + NAME_LENGTH_AT,
                ipv6 ? IPV6_BYTES : IPV4_BYTES);
    }

    /// Sends datagrams from one slot to before another, each to where [#address] says. What cannot
    /// be sent is lost, as datagrams may be.
    public void sendTogether(int begin, int end, int socket) {
        int from = begin;
        while (from < end) {
            int sent = sendMany(socket, from, end - from);
            // The one that failed is lost; the others are not.
            from += Math.max(sent, 0) + (sent <= 0 ? 1 : 0);
        }
    }

    private int sendMany(int socket, int from, int count) {
        for (int slot = from; slot < from + count; slot++) {
            headers.set(
                    ValueLayout.JAVA_LONG,
                    (long) slot * HEADER_BYTES + NAME_AT,
                    names.address() + (long) slot * SLOT_NAME_BYTES);
        }
        return call(socket, from, count);
    }

    private int send(int socket, int from, int count) {
        int result = call(socket, from, count);
        return result >= 0 ? 0 : -result;
    }

    private int call(int socket, int from, int count) {
        for (int slot = from; slot < from + count; slot++) {
            vectors.set(
                    ValueLayout.JAVA_LONG,
                    (long) slot * VECTOR_BYTES + VECTOR_LENGTH_AT,
                    length(slot));
        }
        try {
            int result =
                    (int)
                            SENDMMSG.invokeExact(
                                    state,
                                    socket,
                                    headers.asSlice((long) from * HEADER_BYTES),
                                    count,
                                    MSG_DONTWAIT);
            return result >= 0 ? result : -LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// Where a datagram's bytes are in memory.
    long dataAddress(int slot) {
        return data.address() + (long) slot * LARGEST;
    }

    /// Where what [#address] wrote is in memory.
    long nameAddress(int slot) {
        return names.address() + (long) slot * SLOT_NAME_BYTES;
    }

    int nameLength(int slot) {
        return headers.get(ValueLayout.JAVA_INT, (long) slot * HEADER_BYTES + NAME_LENGTH_AT);
    }

    /// Bytes of a datagram.
    public int length(int slot) {
        return headers.get(ValueLayout.JAVA_INT, (long) slot * HEADER_BYTES + RECEIVED_AT);
    }

    /// An octet of a datagram.
    public int byteAt(int slot, int at) {
        return Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, (long) slot * LARGEST + at));
    }

    /// Two octets of a datagram as one number.
    public int shortAt(int slot, int at) {
        return Short.toUnsignedInt(data.get(NetworkOrder.SHORT, (long) slot * LARGEST + at));
    }

    /// Whether a datagram came over IPv6.
    public boolean isIpv6(int slot) {
        return names.get(ValueLayout.JAVA_SHORT, (long) slot * SLOT_NAME_BYTES) == AF_INET6;
    }

    /// The upper half of the sender's IPv6 address; 0 for IPv4.
    public long high(int slot) {
        return isIpv6(slot)
                ? names.get(NetworkOrder.LONG, (long) slot * SLOT_NAME_BYTES + IPV6_AT)
                : 0;
    }

    /// The lower half of the sender's IPv6 address, or all of its IPv4 address.
    public long low(int slot) {
        long name = (long) slot * SLOT_NAME_BYTES;
        return isIpv6(slot)
                ? names.get(NetworkOrder.LONG, name + IPV6_AT + Long.BYTES)
                : Integer.toUnsignedLong(names.get(NetworkOrder.INT, name + IPV4_AT));
    }

    /// The sender's port.
    public int port(int slot) {
        return Short.toUnsignedInt(
                names.get(NetworkOrder.SHORT, (long) slot * SLOT_NAME_BYTES + PORT_AT));
    }

    /// Frees the memory; the thread that used it must have ended.
    public void free() {
        arena.close();
    }
}
