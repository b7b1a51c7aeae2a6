package io.fairlead.core.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Headers byte by byte, as doc/proxy-protocol.txt of HAProxy lays them out.
class ProxyHeaderTest {

    private static byte[] header(
            int version, String client, int clientPort, String vip, int vipPort) {
        IpAddress from = IpAddress.parse(client);
        IpAddress to = IpAddress.parse(vip);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(ProxyHeader.MAX_BYTES);
            int length =
                    ProxyHeader.write(
                            block,
                            version,
                            client.contains(":"),
                            from.high(),
                            from.low(),
                            clientPort,
                            to.high(),
                            to.low(),
                            vipPort);
            return block.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static String text(String client, int clientPort, String vip, int vipPort) {
        return new String(header(1, client, clientPort, vip, vipPort), US_ASCII);
    }

    private static String hex(String client, int clientPort, String vip, int vipPort) {
        return HexFormat.of().formatHex(header(2, client, clientPort, vip, vipPort));
    }

    @Test
    void version1OverIpv4() {
        assertThat(text("192.168.0.1", 56324, "192.168.0.11", 443))
                .isEqualTo("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
        assertThat(text("255.255.255.255", 65535, "0.0.0.0", 1))
                .isEqualTo("PROXY TCP4 255.255.255.255 0.0.0.0 65535 1\r\n");
    }

    @Test
    void version1OverIpv6HasAllGroups() {
        assertThat(text("2001:db8::a0:7", 1024, "fd00::1", 80))
                .isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:a0:7 fd00:0:0:0:0:0:0:1 1024 80\r\n");
        String longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assertThat(text(longest, 65535, longest, 65535))
                .isEqualTo("PROXY TCP6 " + longest + " " + longest + " 65535 65535\r\n");
    }

    @Test
    void version2OverIpv4() {
        assertThat(hex("192.168.0.1", 56324, "192.168.0.11", 443))
                .isEqualTo(
                        "0d0a0d0a000d0a515549540a" + "2111000c" + "c0a80001c0a8000b" + "dc0401bb");
    }

    @Test
    void version2OverIpv6() {
        assertThat(hex("2001:db8::7", 1024, "fd00::1", 80))
                .isEqualTo(
                        "0d0a0d0a000d0a515549540a"
                                + "21210024"
                                + "20010db8000000000000000000000007"
                                + "fd000000000000000000000000000001"
                                + "04000050");
    }
}
