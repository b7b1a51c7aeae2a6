package io.fairlead.core.kernel;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The TCP sockets of this process that listen, whoever in it opened them: the JDK's do not tell
/// their descriptors.
public final class ListeningSockets {

    /// One of them.
    ///
    /// @param ipv6 whether its address is an IPv6 address; one that is mapped from IPv4 is none
    /// @param high upper half of an IPv6 address
    /// @param low lower half of an IPv6 address, or all of an IPv4 address
    public record Listening(int descriptor, boolean ipv6, long high, long low, int port) {}

    private static final File DESCRIPTORS = new File("/proc/self/fd");

    // asm-generic/socket.h, linux/in.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_PROTOCOL = 38;
    private static final int SO_DOMAIN = 39;
    private static final int IPPROTO_TCP = 6;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private ListeningSockets() {}

    /// All there are at the moment; reads a folder as long as there are descriptors.
    public static List<Listening> ofThisProcess() {
        List<Listening> found = new ArrayList<>();
        String[] all = DESCRIPTORS.list();
        SocketNames names = new SocketNames();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            for (String name : all == null ? new String[0] : all) {
                int descriptor = Integer.parseInt(name);
                int family = option(descriptor, SO_DOMAIN, value);
                if ((family == AF_INET || family == AF_INET6)
                        && option(descriptor, SO_ACCEPTCONN, value) == 1
                        && option(descriptor, SO_PROTOCOL, value) == IPPROTO_TCP
                        && names.read(descriptor)) {
                    found.add(listening(descriptor, names));
                }
            }
        }
        return found;
    }

    private static Listening listening(int descriptor, SocketNames names) {
        long high = names.high();
        long low = names.low();
        boolean mapped = names.isIpv6() && high == 0 && low >>> 32 == 0xffff;
        return mapped
                ? new Listening(descriptor, false, 0, low & 0xffff_ffffL, names.port())
                : new Listening(descriptor, names.isIpv6(), high, low, names.port());
    }

    /// -1 where that is no socket, or none any more.
    private static int option(int descriptor, int option, MemorySegment value) {
        return Syscall.getSocketOption(descriptor, SOL_SOCKET, option, value) < 0
                ? -1
                : value.get(ValueLayout.JAVA_INT, 0);
    }
}
