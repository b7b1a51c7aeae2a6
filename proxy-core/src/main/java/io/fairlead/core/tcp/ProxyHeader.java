package io.fairlead.core.tcp;

import io.fairlead.core.kernel.SocketNames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The header by which a backend is told who its client is and what it connected to: the PROXY
/// protocol, version 1 (text) or 2 (binary), as HAProxy's doc/proxy-protocol.txt has it. Written
/// without allocation.
final class ProxyHeader {

    /// The longest of version 1, and longer than any here of version 2.
    static final int MAX_BYTES = 107;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    // The signature of version 2, 12 bytes.
    private static final long SIGNATURE = 0x0d0a_0d0a_000d_0a51L;
    private static final int SIGNATURE_REST = 0x5549_540a;

    private static final byte VERSION_2_PROXY = 0x21;
    private static final byte TCP_OVER_IPV4 = 0x11;
    private static final byte TCP_OVER_IPV6 = 0x21;
    private static final short IPV4_BYTES = 12;
    private static final short IPV6_BYTES = 36;
    private static final int ADDRESSES_AT = 16;

    private static final int IPV4_PARTS = 4;
    private static final int IPV6_GROUPS = 8;

    private final MemorySegment block;
    private int length;

    private ProxyHeader(MemorySegment block) {
        this.block = block;
    }

    /// Writes the header to the start of a block.
    ///
    /// @param vip the client socket's own name: what the client connected to
    /// @return its length
    static int write(MemorySegment block, int version, TcpFlow client, SocketNames vip) {
        return write(
                block,
                version,
                vip.isIpv6(),
                client.clientHigh(),
                client.clientLow(),
                client.clientPort(),
                vip.high(),
                vip.low(),
                vip.port());
    }

    static int write(
            MemorySegment block,
            int version,
            boolean ipv6,
            long clientHigh,
            long clientLow,
            int clientPort,
            long vipHigh,
            long vipLow,
            int vipPort) {
        ProxyHeader header = new ProxyHeader(block);
        if (version == 1) {
            header.words(ipv6 ? "PROXY TCP6 " : "PROXY TCP4 ");
            header.address(ipv6, clientHigh, clientLow);
            header.letter(' ');
            header.address(ipv6, vipHigh, vipLow);
            header.letter(' ');
            header.number(clientPort);
            header.letter(' ');
            header.number(vipPort);
            header.words("\r\n");
            return header.length;
        }
        block.set(LONG, 0, SIGNATURE);
        block.set(INT, 8, SIGNATURE_REST);
        block.set(ValueLayout.JAVA_BYTE, 12, VERSION_2_PROXY);
        block.set(ValueLayout.JAVA_BYTE, 13, ipv6 ? TCP_OVER_IPV6 : TCP_OVER_IPV4);
        block.set(SHORT, 14, ipv6 ? IPV6_BYTES : IPV4_BYTES);
        header.length = ADDRESSES_AT;
        header.bits(ipv6, clientHigh, clientLow);
        header.bits(ipv6, vipHigh, vipLow);
        block.set(SHORT, header.length, (short) clientPort);
        block.set(SHORT, header.length + Short.BYTES, (short) vipPort);
        return header.length + 2 * Short.BYTES;
    }

    private void bits(boolean ipv6, long high, long low) {
        if (ipv6) {
            block.set(LONG, length, high);
            block.set(LONG, length + Long.BYTES, low);
            length += 2 * Long.BYTES;
        } else {
            block.set(INT, length, (int) low);
            length += Integer.BYTES;
        }
    }

    private void words(String text) {
        for (int i = 0; i < text.length(); i++) {
            letter(text.charAt(i));
        }
    }

    private void letter(char letter) {
        block.set(ValueLayout.JAVA_BYTE, length++, (byte) letter);
    }

    /// All eight groups of IPv6: the protocol asks for no shorter form.
    private void address(boolean ipv6, long high, long low) {
        if (ipv6) {
            for (int group = 0; group < IPV6_GROUPS; group++) {
                if (group > 0) {
                    letter(':');
                }
                long half = group < IPV6_GROUPS / 2 ? high : low;
                hex((int) (half >>> (48 - 16 * (group % 4))) & 0xffff);
            }
            return;
        }
        for (int part = 0; part < IPV4_PARTS; part++) {
            if (part > 0) {
                letter('.');
            }
            number((int) (low >>> (24 - 8 * part)) & 0xff);
        }
    }

    private void hex(int group) {
        if (group > 0xf) {
            hex(group >>> 4);
        }
        letter(Character.forDigit(group & 0xf, 16));
    }

    private void number(int number) {
        if (number > 9) {
            number(number / 10);
        }
        letter((char) ('0' + number % 10));
    }
}
