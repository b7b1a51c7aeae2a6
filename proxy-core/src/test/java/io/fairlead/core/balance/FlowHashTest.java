package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What other nodes rely on (the values), and what the pickers rely on (the mixing).
class FlowHashTest {

    private static final long SEED = 2026_11_22L;

    /// The figures come from a second implementation, written from the text.
    @Test
    void valuesAreTheSameOnEveryNodeAndInEveryVersion() {
        long client = FlowHash.client(IpAddress.parse("192.0.2.1"));
        long vip = destination("10.96.0.10", 80);
        assertThat(client).isEqualTo(0xa3d1_41b7_b059_985bL);
        assertThat(vip).isEqualTo(0x377d_6702_8d25_a0e5L);
        assertThat(FlowHash.flow(client, 40_000, vip)).isEqualTo(0xfab7_c718_0afe_7cc0L);
        assertThat(FlowHash.client(IpAddress.parse("2001:db8::1")))
                .isEqualTo(0xfc28_5a1a_fc7a_dfdaL);
    }

    @Test
    void everyPartOfTheTupleCounts() {
        IpAddress a = IpAddress.parse("192.0.2.1");
        long client = FlowHash.client(a);
        long vip = destination("10.96.0.10", 80);
        assertThat(
                        Set.of(
                                FlowHash.flow(client, 40_000, vip),
                                FlowHash.flow(client, 40_001, vip),
                                FlowHash.flow(FlowHash.client(a.high(), a.low() + 1), 40_000, vip),
                                FlowHash.flow(client, 40_000, destination("10.96.0.11", 80)),
                                FlowHash.flow(client, 40_000, destination("10.96.0.10", 81)),
                                FlowHash.flow(
                                        client,
                                        40_000,
                                        FlowHash.destination(
                                                0, 0x0a60_000a, 80, Protocol.UDP.number()))))
                .hasSize(6);
    }

    @Test
    void anAddressAndItsHalvesSwappedDiffer() {
        assertThat(FlowHash.client(1, 2)).isNotEqualTo(FlowHash.client(2, 1));
    }

    /// Flipping any input bit flips each output bit half of the time.
    @Test
    void anInputBitReachesEveryOutputBit() {
        SplittableRandom random = new SplittableRandom(SEED);
        int trials = 4_000;
        for (int inputBit = 0; inputBit < Long.SIZE; inputBit++) {
            int[] flips = new int[Long.SIZE];
            for (int t = 0; t < trials; t++) {
                long low = random.nextLong();
                long changed = FlowHash.client(0, low) ^ FlowHash.client(0, low ^ 1L << inputBit);
                for (int bit = 0; bit < Long.SIZE; bit++) {
                    flips[bit] += (int) (changed >>> bit & 1);
                }
            }
            // Five standard deviations of a fair coin thrown 4,000 times are 158.
            for (int count : flips) {
                assertThat(count)
                        .as("input bit %d, seed %d", inputBit, SEED)
                        .isBetween(1_842, 2_158);
            }
        }
    }

    /// The flows of one client to one VIP, ports in the order the kernel hands them out.
    @Test
    void neighbouringPortsSpreadEvenlyOverSlots() {
        long client = FlowHash.client(IpAddress.parse("10.244.1.5"));
        long vip = destination("10.96.0.10", 443);
        int[] counts = new int[16];
        for (int port = 32_768; port < 60_768; port += 2) {
            counts[(int) (FlowHash.flow(client, port, vip) >>> 60)]++;
        }
        // 14,000 flows: 875 each, five standard deviations are 143.
        for (int count : counts) {
            assertThat(count).isBetween(732, 1_018);
        }
    }

    @Test
    void aMillionFlowsDoNotCollide() {
        Set<Long> seen = HashSet.newHashSet(1 << 20);
        long vip = destination("10.96.0.10", 443);
        for (int i = 0; i < 1 << 20; i++) {
            seen.add(FlowHash.flow(FlowHash.client(0, 0x0af4_0000L + (i >>> 10)), i & 1_023, vip));
        }
        assertThat(seen).hasSize(1 << 20);
    }

    private static long destination(String address, int port) {
        IpAddress at = IpAddress.parse(address);
        return FlowHash.destination(at.high(), at.low(), port, Protocol.TCP.number());
    }
}
