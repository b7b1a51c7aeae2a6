package io.fairlead.core.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    /// RFC 5952, section 4 and its examples.
    @ParameterizedTest
    @CsvSource({
        "2001:0db8::0001, 2001:db8::1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8::ABCD, 2001:db8::abcd",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "fe80:0:0:0:0:0:0:1, fe80::1",
        "1:2:3:4:5:6:7:0, 1:2:3:4:5:6:7:0",
        "::ffff:192.0.2.1, ::ffff:192.0.2.1",
        "::ffff:c000:0201, ::ffff:192.0.2.1",
    })
    void printsIpv6AsRfc5952Asks(String text, String canonical) {
        assertThat(IpAddress.parse(text)).hasToString(canonical);
    }

    /// SEMANTICS A2.14.
    @ParameterizedTest
    @CsvSource({
        "172.30.0.041, 172.30.0.41",
        "010.000.0.08, 10.0.0.8",
        "0000000.1.2.3, 0.1.2.3",
        "255.255.255.255, 255.255.255.255",
    })
    void readsLeadingZerosAsDecimal(String text, String canonical) {
        assertThat(IpAddress.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.",
                "1..3.4",
                "256.1.1.1",
                "1.2.3.4294967296",
                "-1.2.3.4",
                "+1.2.3.4",
                " 1.2.3.4",
                "1.2.3.4 ",
                "0x7f.0.0.1",
                "1.2.3.\u0664",
                "localhost",
                ":",
                ":::",
                "1::2::3",
                "12345::",
                "1:2:3:4:5:6:7:8:9",
                "fe80::1%eth0",
                "[::1]",
                "::1/128",
                "::g"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThatThrownBy(() -> IpAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void readsWhatItPrints(long seed) throws UnknownHostException {
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            IpAddress address = random(random);
            assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
            assertThat(IpAddress.ofBytes(address.toBytes())).isEqualTo(address);
            if (!address.toString().startsWith("::ffff:")) {
                // The JDK reads and keeps the same bits.
                InetAddress jdk = InetAddress.getByName(address.toString());
                assertThat(IpAddress.of(jdk)).isEqualTo(address);
                assertThat(address.toInetAddress()).isEqualTo(jdk);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void sortsByFamilyThenByUnsignedBits(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            IpAddress a = random(random);
            IpAddress b = random(random);
            int byBytes =
                    a.family() != b.family()
                            ? a.family().compareTo(b.family())
                            : java.util.Arrays.compareUnsigned(a.toBytes(), b.toBytes());
            assertThat(Integer.signum(a.compareTo(b))).isEqualTo(Integer.signum(byBytes));
        }
    }

    @Test
    void anIpv4MappedAddressStaysIpv6() {
        IpAddress mapped = IpAddress.parse("::ffff:1.2.3.4");
        assertThat(mapped.family()).isEqualTo(IpFamily.IPV6);
        assertThat(mapped).isNotEqualTo(IpAddress.parse("1.2.3.4"));
        assertThat(mapped.toInetAddress()).isInstanceOf(Inet6Address.class);
        assertThat(IpAddress.of(mapped.toInetAddress())).isEqualTo(mapped);
    }

    @Test
    void knowsLoopbackAndTheUnspecified() {
        assertThat(IpAddress.parse("127.255.0.1").isLoopback()).isTrue();
        assertThat(IpAddress.parse("128.0.0.1").isLoopback()).isFalse();
        assertThat(IpAddress.parse("::1").isLoopback()).isTrue();
        assertThat(IpAddress.parse("::ffff:127.0.0.1").isLoopback()).isFalse();
        assertThat(IpAddress.parse("0.0.0.0").isAny()).isTrue();
        assertThat(IpAddress.parse("::").isAny()).isTrue();
        assertThat(IpAddress.any(IpFamily.IPV4)).isNotEqualTo(IpAddress.any(IpFamily.IPV6));
    }

    /// Many zero groups, so that shortening is tried in every place.
    private static IpAddress random(Random random) {
        if (random.nextInt(3) == 0) {
            return IpAddress.ofIpv4(random.nextInt());
        }
        long[] halves = new long[2];
        for (int i = 0; i < 8; i++) {
            long group = random.nextInt(2) == 0 ? 0 : random.nextInt(1 << (1 + random.nextInt(16)));
            halves[i / 4] = halves[i / 4] << 16 | group;
        }
        return IpAddress.ofIpv6(halves[0], halves[1]);
    }
}
