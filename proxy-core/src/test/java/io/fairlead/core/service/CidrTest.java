package io.fairlead.core.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/8, 10.0.0.0/8",
        "10.1.2.3/32, 10.1.2.3/32",
        "10.1.2.3/0, 0.0.0.0/0",
        "010.001.0.0/016, 10.1.0.0/16",
        "fd00::1/64, fd00::/64",
        "fd00::1/128, fd00::1/128",
        "ffff::/0, ::/0",
        "fd00:0:0:1::/63, fd00::/63",
    })
    void clearsTheBitsAfterThePrefix(String text, String canonical) {
        assertThat(Cidr.parse(text)).hasToString(canonical).isEqualTo(Cidr.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0",
                "10.0.0.0/",
                "/8",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/-1",
                "10.0.0.0/+1",
                "10.0.0.0/8/8",
                "10.0.0.0/ 8",
                "10.0.0/8",
                "10.0.0.0/99999"
            })
    void refusesWhatIsNoRange(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void readsWhatItPrintsAndContainsWhatSharesItsPrefix(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            IpAddress address = random(random);
            Cidr range = new Cidr(address, random.nextInt(address.family().bits() + 1));
            assertThat(Cidr.parse(range.toString())).isEqualTo(range);
            assertThat(range.contains(address)).isTrue();
            IpAddress other = random(random);
            assertThat(range.contains(other)).isEqualTo(sharePrefix(range, other));
        }
    }

    private static boolean sharePrefix(Cidr range, IpAddress other) {
        if (range.family() != other.family()) {
            return false;
        }
        int rest = range.family().bits() - range.prefix();
        return bits(range.address()).shiftRight(rest).equals(bits(other).shiftRight(rest));
    }

    private static BigInteger bits(IpAddress address) {
        return new BigInteger(1, address.toBytes());
    }

    private static IpAddress random(Random random) {
        return random.nextBoolean()
                ? IpAddress.ofIpv4(random.nextInt() >>> random.nextInt(32))
                : IpAddress.ofIpv6(
                        random.nextLong() >>> random.nextInt(64),
                        random.nextLong() >>> random.nextInt(64));
    }
}
