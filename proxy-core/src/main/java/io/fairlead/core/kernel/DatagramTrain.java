package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Datagrams of one length to one peer that go as one, which the kernel takes apart as late as it
/// can (udp(7), UDP_SEGMENT; Linux 4.18): routes, rules and bridges see it once.
///
/// The last of them may be shorter. One for each thread; allocates nothing per datagram.
public final class DatagramTrain implements AutoCloseable {

    /// UDP_MAX_SEGMENTS of linux/udp.h, before Linux 6.9.
    private static final int MOST = 64;

    /// What one datagram may have, and less than the kernel's own limit.
    private static final int MOST_BYTES = 65_000;

    /// What fits a link of 1,500 bytes with the headers of IPv6: a longer one is cut up anyhow.
    private static final int LONGEST = 1_452;

    // linux/socket.h: struct msghdr, struct iovec, struct cmsghdr
    private static final int NAME_AT = 0;
    private static final int NAME_LENGTH_AT = 8;
    private static final int VECTOR_AT = 16;
    private static final int VECTORS_AT = 24;
    private static final int CONTROL_AT = 32;
    private static final int CONTROL_LENGTH_AT = 40;
    private static final int HEADER_BYTES = 56;
    private static final int VECTOR_BYTES = 16;
    private static final int CONTROL_BYTES = 24;
    private static final int CONTROL_LENGTH = 18;
    private static final int LEVEL_AT = 8;
    private static final int TYPE_AT = 12;
    private static final int SIZE_AT = 16;

    // linux/udp.h
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;

    private static final int MSG_DONTWAIT = 0x40;

    private static final MethodHandle SENDMSG =
            LibC.function(
                    "sendmsg",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT),
                    LibC.KEEPS_ERRNO);

    private final Datagrams datagrams;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(LibC.STATE);
    private final MemorySegment header = arena.allocate(HEADER_BYTES, Long.BYTES);
    private final MemorySegment control = arena.allocate(CONTROL_BYTES, Long.BYTES);
    private final MemorySegment vectors = arena.allocate((long) MOST * VECTOR_BYTES, Long.BYTES);
    private int count;
    private int size;
    private int total;
    private boolean ended;

    /// @param datagrams whose slots are sent from
    public DatagramTrain(Datagrams datagrams) {
        this.datagrams = datagrams;
        header.set(ValueLayout.JAVA_LONG, VECTOR_AT, vectors.address());
        header.set(ValueLayout.JAVA_LONG, CONTROL_AT, control.address());
        header.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH_AT, CONTROL_BYTES);
        control.set(ValueLayout.JAVA_LONG, 0, CONTROL_LENGTH);
        control.set(ValueLayout.JAVA_INT, LEVEL_AT, SOL_UDP);
        control.set(ValueLayout.JAVA_INT, TYPE_AT, UDP_SEGMENT);
    }

    /// Begins another with a datagram.
    public void begin(int slot) {
        count = 0;
        size = datagrams.length(slot);
        total = 0;
        ended = size == 0 || size > LONGEST;
        put(slot, size);
    }

    /// Adds the datagram of a slot; false where it has to go by itself.
    public boolean add(int slot) {
        int length = datagrams.length(slot);
        if (ended || length > size || length == 0 || count == MOST || total + length > MOST_BYTES) {
            return false;
        }
        ended = length < size;
        put(slot, length);
        return true;
    }

    private void put(int slot, int length) {
        long vector = (long) count * VECTOR_BYTES;
        vectors.set(ValueLayout.JAVA_LONG, vector, datagrams.dataAddress(slot));
        vectors.set(ValueLayout.JAVA_LONG, vector + Long.BYTES, length);
        count++;
        total += length;
    }

    /// Datagrams so far.
    public int count() {
        return count;
    }

    /// Bytes of all of them.
    public int bytes() {
        return total;
    }

    /// Sends all of them to the peer of a connected socket.
    ///
    /// @return 0, or one of [Errno]'s: then none was sent
    public int sendOn(int connected) {
        header.set(ValueLayout.JAVA_LONG, NAME_AT, 0);
        header.set(ValueLayout.JAVA_INT, NAME_LENGTH_AT, 0);
        return send(connected);
    }

    /// Sends all of them to where [Datagrams#address] says of a slot.
    ///
    /// @return 0, or one of [Errno]'s: then none was sent
    public int sendTo(int slot, int socket) {
        header.set(ValueLayout.JAVA_LONG, NAME_AT, datagrams.nameAddress(slot));
        header.set(ValueLayout.JAVA_INT, NAME_LENGTH_AT, datagrams.nameLength(slot));
        return send(socket);
    }

    private int send(int socket) {
        header.set(ValueLayout.JAVA_LONG, VECTORS_AT, count);
        control.set(ValueLayout.JAVA_SHORT, SIZE_AT, (short) size);
        try {
            long result = (long) SENDMSG.invokeExact(state, socket, header, MSG_DONTWAIT);
            return result >= 0 ? 0 : LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// Whether an error says that datagrams have to go one by one on this way: the link is too
    /// small, or something on it needs each to be whole.
    public static boolean isUnfit(int errno) {
        return switch (errno) {
            case Errno.EINVAL, Errno.EIO, Errno.EMSGSIZE, Errno.EOPNOTSUPP -> true;
            default -> false;
        };
    }

    /// Frees the memory; the thread that used it must have ended.
    @Override
    public void close() {
        arena.close();
    }
}
