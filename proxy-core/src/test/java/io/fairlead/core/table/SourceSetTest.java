package io.fairlead.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SourceSetTest {

    /// SEMANTICS A8.6.
    @Test
    void noRangeAllowsEverybodyAndContainsNobody() {
        assertThat(allows(SourceSet.EMPTY, "203.0.113.1")).isTrue();
        assertThat(contains(SourceSet.EMPTY, "203.0.113.1")).isFalse();
        assertThat(SourceSet.of(List.of())).isSameAs(SourceSet.EMPTY);
    }

    @Test
    void aRangeOfOneFamilyRefusesTheOther() {
        SourceSet all4 = SourceSet.of(List.of(Cidr.parse("0.0.0.0/0")));
        assertThat(allows(all4, "255.255.255.255")).isTrue();
        assertThat(allows(all4, "::1")).isFalse();
        SourceSet all6 = SourceSet.of(List.of(Cidr.parse("::/0")));
        assertThat(allows(all6, "ffff::1")).isTrue();
        assertThat(allows(all6, "::ffff:1.2.3.4")).isTrue();
        assertThat(allows(all6, "1.2.3.4")).isFalse();
    }

    @Test
    void theEdgesOfARangeAreInside() {
        SourceSet set = SourceSet.of(List.of(Cidr.parse("10.1.0.0/31"), Cidr.parse("fd00::/65")));
        assertThat(contains(set, "10.1.0.0")).isTrue();
        assertThat(contains(set, "10.1.0.1")).isTrue();
        assertThat(contains(set, "10.1.0.2")).isFalse();
        assertThat(contains(set, "10.0.255.255")).isFalse();
        assertThat(contains(set, "fd00::7fff:ffff:ffff:ffff")).isTrue();
        assertThat(contains(set, "fd00::8000:0:0:0")).isFalse();
        assertThat(contains(set, "fd00:0:0:1::")).isFalse();
    }

    /// Against [Cidr#contains], which is written differently.
    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void containsWhatOneOfItsRangesContains(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            List<Cidr> ranges = new ArrayList<>();
            for (int n = random.nextInt(5); n >= 0; n--) {
                IpAddress address = near(random);
                ranges.add(new Cidr(address, random.nextInt(address.family().bits() + 1)));
            }
            SourceSet set = SourceSet.of(ranges);
            for (int j = 0; j < 50; j++) {
                IpAddress client = near(random);
                assertThat(set.contains(client.family(), client.high(), client.low()))
                        .as("%s in %s", client, ranges)
                        .isEqualTo(ranges.stream().anyMatch(r -> r.contains(client)));
            }
        }
    }

    /// Addresses with few bits set, so that ranges and clients meet.
    private static IpAddress near(Random random) {
        return random.nextBoolean()
                ? IpAddress.ofIpv4(3 << random.nextInt(32))
                : new IpAddress(IpFamily.IPV6, 1L << random.nextInt(64), 1L << random.nextInt(64));
    }

    private static boolean contains(SourceSet set, String client) {
        IpAddress address = IpAddress.parse(client);
        return set.contains(address.family(), address.high(), address.low());
    }

    private static boolean allows(SourceSet set, String client) {
        IpAddress address = IpAddress.parse(client);
        return set.allows(address.family(), address.high(), address.low());
    }
}
