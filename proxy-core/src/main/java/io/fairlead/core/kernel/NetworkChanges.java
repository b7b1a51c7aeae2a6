package io.fairlead.core.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Tells when addresses, routes or links of a network namespace change, as the kernel reports them
/// (rtnetlink(7)). Needs no privilege.
///
/// It says that something has changed and not what: whoever is told reads the state anew. So a
/// report that is lost, because many came at once, costs nothing: it is as good as a change.
public final class NetworkChanges implements AutoCloseable {

    /// What is followed.
    public enum Kind {
        /// Addresses of interfaces.
        ADDRESSES(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR),

        /// Those and the routes of the table `main`; routes go with their link without a word.
        ADDRESSES_AND_ROUTES(
                ADDRESSES.groups | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_LINK);

        private final int groups;

        Kind(int groups) {
            this.groups = groups;
        }
    }

    // linux/netlink.h, linux/rtnetlink.h
    private static final short AF_NETLINK = 16;
    private static final int NETLINK_ROUTE = 0;
    private static final int RTMGRP_LINK = 0x1;
    private static final int RTMGRP_IPV4_IFADDR = 0x10;
    private static final int RTMGRP_IPV4_ROUTE = 0x40;
    private static final int RTMGRP_IPV6_IFADDR = 0x100;
    private static final int RTMGRP_IPV6_ROUTE = 0x400;
    private static final short RTM_NEWROUTE = 24;
    private static final short RTM_DELROUTE = 25;
    private static final int RT_TABLE_MAIN = 254;
    private static final short NLMSG_NOOP = 1;
    private static final short NLM_F_REQUEST_AND_ACK = 1 | 4;
    private static final int HEADER = 16; // struct nlmsghdr: length, type, flags, sequence, port
    private static final int TABLE_AT = HEADER + 4; // struct rtmsg
    private static final int ADDRESS_BYTES =
            12; // struct sockaddr_nl: family, padding, port, groups
    private static final int GROUPS_AT = 8;

    /// The kernel sends no more at once (NLMSG_GOODSIZE) but for dumps, which nobody asks for.
    private static final int BUFFER = 1 << 15;

    private final int socket;
    private final Runnable changed;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean deaf;

    private NetworkChanges(int socket, Runnable changed) {
        this.socket = socket;
        this.changed = changed;
        this.thread = Thread.ofPlatform().daemon().name("fairlead-network").unstarted(this::listen);
    }

    /// Follows the network namespace of the calling thread.
    ///
    /// @param changed run at each change, and often without one, by a thread of this object
    public static NetworkChanges follow(Kind kind, Runnable changed) throws IOException {
        int socket = (int) check(Syscall.rawSocket(AF_NETLINK, NETLINK_ROUTE));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena);
            address.set(ValueLayout.JAVA_INT, GROUPS_AT, kind.groups);
            check(Syscall.bind(socket, address));
        } catch (IOException e) {
            Syscall.close(socket);
            throw e;
        }
        NetworkChanges changes = new NetworkChanges(socket, changed);
        changes.thread.start();
        return changes;
    }

    private static MemorySegment address(Arena arena) {
        MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, AF_NETLINK);
        return address;
    }

    private static long check(long result) throws IOException {
        if (result < 0) {
            throw new IOException("netlink: " + Errno.text((int) -result));
        }
        return result;
    }

    /// Whether changes are told; where not, somebody has to look by themselves.
    public boolean isAlive() {
        return !deaf;
    }

    private void listen() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
            for (boolean hears = true; hears; ) {
                hears = hear(Syscall.receive(socket, buffer), buffer);
            }
        } finally {
            hush();
        }
        if (!closed) {
            changed.run();
        }
    }

    /// Returns whether there may be more.
    private boolean hear(long length, MemorySegment buffer) {
        if (closed) {
            return false;
        }
        if (length == -Errno.ENOBUFS || (length > 0 && matters(buffer, length))) {
            changed.run();
        }
        return length > 0 || length == -Errno.ENOBUFS || length == -Errno.EINTR;
    }

    private synchronized void hush() {
        deaf = true;
        Syscall.close(socket);
    }

    /// The agent's own routes, of which there may be thousands, are in the table `local`.
    private static boolean matters(MemorySegment buffer, long length) {
        for (long at = 0; at + TABLE_AT < length; ) {
            short type = buffer.get(ValueLayout.JAVA_SHORT, at + Integer.BYTES);
            boolean route = type == RTM_NEWROUTE || type == RTM_DELROUTE;
            int table = Byte.toUnsignedInt(buffer.get(ValueLayout.JAVA_BYTE, at + TABLE_AT));
            if (!route || table == RT_TABLE_MAIN) {
                return true;
            }
            int bytes = buffer.get(ValueLayout.JAVA_INT, at);
            at += Math.max(HEADER, (bytes + 3) & ~3);
        }
        return false;
    }

    /// Ends the thread, which the kernel's answer to a request for nothing wakes.
    @Override
    public synchronized void close() {
        if (closed || deaf) {
            return;
        }
        closed = true;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nothing = arena.allocate(HEADER, Integer.BYTES);
            nothing.set(ValueLayout.JAVA_INT, 0, HEADER);
            nothing.set(ValueLayout.JAVA_SHORT, 4, NLMSG_NOOP);
            nothing.set(ValueLayout.JAVA_SHORT, 6, NLM_F_REQUEST_AND_ACK);
            long _ = Syscall.sendTo(socket, nothing, address(arena));
        }
    }
}
