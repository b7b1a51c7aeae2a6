package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Tells clients that nothing answers at a UDP port, as the kernel does where no socket is: ICMP
/// port unreachable (RFC 792; RFC 4443, 3.1) from the address that was asked.
///
/// Needs CAP_NET_RAW; without it, or where IPv6 is off, it says nothing. One for each thread.
public final class PortUnreachable {

    // linux/socket.h, linux/in.h, linux/in6.h
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_FREEBIND = 78;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int IPPROTO_RAW = 255;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int UDP_HEADER = 8;
    private static final int ICMP_HEADER = 8;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final byte TTL = 64;

    private final MemorySegment packet = Arena.ofAuto().allocate(128, Long.BYTES);
    private final MemorySegment name = Arena.ofAuto().allocate(28, Long.BYTES);
    private final SocketNames names = new SocketNames();
    private final int ipv4 = (int) Syscall.rawSocket(AF_INET, IPPROTO_RAW);
    private final int ipv6 = openIpv6();

    /// VIPs are no addresses of an interface, but of a route: the socket must be let bind to them.
    private static int openIpv6() {
        int socket = (int) Syscall.rawSocket(AF_INET6, IPPROTO_ICMPV6);
        if (socket >= 0) {
            long _ = Syscall.setSocketOption(socket, IPPROTO_IPV6, IPV6_FREEBIND, 1);
        }
        return socket;
    }

    /// Whether it can be told at all.
    public boolean isPermitted() {
        return ipv4 >= 0;
    }

    /// Tells an IPv4 client.
    ///
    /// @param from the address that it asked
    /// @param fromPort the port that it asked
    public void tellIpv4(int from, int fromPort, int client, int clientPort) {
        if (ipv4 < 0) {
            return;
        }
        packet.fill((byte) 0);
        int total = IPV4_HEADER + ICMP_HEADER + IPV4_HEADER + UDP_HEADER;
        ipv4Header(0, total, ICMP, from, client);
        int icmp = IPV4_HEADER;
        packet.set(ValueLayout.JAVA_BYTE, icmp, (byte) 3); // destination unreachable
        packet.set(ValueLayout.JAVA_BYTE, icmp + 1, (byte) 3); // port
        int quoted = icmp + ICMP_HEADER;
        ipv4Header(quoted, IPV4_HEADER + UDP_HEADER, UDP, client, from);
        packet.set(NetworkOrder.SHORT, quoted + 10, checksum(quoted, IPV4_HEADER));
        udpHeader(quoted + IPV4_HEADER, clientPort, fromPort);
        packet.set(NetworkOrder.SHORT, icmp + 2, checksum(icmp, total - icmp));
        name.fill((byte) 0);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
        name.set(NetworkOrder.INT, 4, client);
        long _ = Syscall.sendTo(ipv4, packet.asSlice(0, total), name.asSlice(0, 16));
    }

    private void ipv4Header(int at, int length, int protocol, int from, int to) {
        packet.set(ValueLayout.JAVA_BYTE, at, (byte) 0x45);
        packet.set(NetworkOrder.SHORT, at + 2, (short) length);
        packet.set(ValueLayout.JAVA_BYTE, at + 8, TTL);
        packet.set(ValueLayout.JAVA_BYTE, at + 9, (byte) protocol);
        packet.set(NetworkOrder.INT, at + 12, from);
        packet.set(NetworkOrder.INT, at + 16, to);
    }

    private void udpHeader(int at, int fromPort, int toPort) {
        packet.set(NetworkOrder.SHORT, at, (short) fromPort);
        packet.set(NetworkOrder.SHORT, at + 2, (short) toPort);
        packet.set(NetworkOrder.SHORT, at + 4, (short) UDP_HEADER);
    }

    /// RFC 1071.
    private short checksum(int from, int bytes) {
        int sum = 0;
        for (int at = from; at < from + bytes; at += 2) {
            sum += Short.toUnsignedInt(packet.get(NetworkOrder.SHORT, at));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~sum;
    }

    /// Tells an IPv6 client; the kernel adds the checksum.
    ///
    /// @param fromHigh upper half of the address that it asked
    /// @param fromLow lower half of it
    /// @param fromPort the port that it asked
    public void tellIpv6(
            long fromHigh, long fromLow, int fromPort, long high, long low, int clientPort) {
        if (ipv6 < 0 || names.bind(ipv6, true, fromHigh, fromLow, 0) != 0) {
            return;
        }
        packet.fill((byte) 0);
        packet.set(ValueLayout.JAVA_BYTE, 0, (byte) 1); // destination unreachable
        packet.set(ValueLayout.JAVA_BYTE, 1, (byte) 4); // port
        int quoted = ICMP_HEADER;
        packet.set(ValueLayout.JAVA_BYTE, quoted, (byte) 0x60);
        packet.set(NetworkOrder.SHORT, quoted + 4, (short) UDP_HEADER);
        packet.set(ValueLayout.JAVA_BYTE, quoted + 6, (byte) UDP);
        packet.set(ValueLayout.JAVA_BYTE, quoted + 7, TTL);
        packet.set(NetworkOrder.LONG, quoted + 8, high);
        packet.set(NetworkOrder.LONG, quoted + 16, low);
        packet.set(NetworkOrder.LONG, quoted + 24, fromHigh);
        packet.set(NetworkOrder.LONG, quoted + 32, fromLow);
        udpHeader(quoted + IPV6_HEADER, clientPort, fromPort);
        name.fill((byte) 0);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET6);
        name.set(NetworkOrder.LONG, 8, high);
        name.set(NetworkOrder.LONG, 16, low);
        int total = ICMP_HEADER + IPV6_HEADER + UDP_HEADER;
        long _ = Syscall.sendTo(ipv6, packet.asSlice(0, total), name);
    }

    /// Closes the sockets.
    public void close() {
        if (ipv4 >= 0) {
            Syscall.close(ipv4);
        }
        if (ipv6 >= 0) {
            Syscall.close(ipv6);
        }
    }
}
