package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The filling against the paper's, which tries slot after slot to the end.
class MaglevFillingTest {

    @ParameterizedTest(name = "{1} backends, {0} slots")
    @CsvSource({
        "251, 1",
        "251, 2",
        "251, 300",
        "1021, 10",
        "4093, 40",
        "16381, 100",
        "65537, 7",
        "65537, 655"
    })
    void agreesWithThePlainOne(int size, int count) {
        AddressPort[] addresses = Fixtures.addresses(count);
        int[] random = new SplittableRandom(count).ints(count, 1, 257).toArray();
        for (int[] weights : new int[][] {Fixtures.equalWeights(count), random}) {
            assertThat(new MaglevFilling(addresses, weights, size).fill())
                    .as(Arrays.toString(weights))
                    .isEqualTo(plain(addresses, weights, size));
        }
    }

    private static char[] plain(AddressPort[] addresses, int[] weights, int size) {
        int count = addresses.length;
        int heaviest = Arrays.stream(weights).max().orElseThrow();
        char[] owners = new char[size];
        boolean[] taken = new boolean[size];
        long[] tried = new long[count];
        long[] credit = Arrays.stream(weights).mapToLong(w -> heaviest - w).toArray();
        int filled = 0;
        for (int i = 0; filled < size; i = (i + 1) % count) {
            credit[i] += weights[i];
            if (credit[i] < heaviest) {
                continue;
            }
            credit[i] -= heaviest;
            int slot = slot(addresses[i], tried[i]++, size);
            while (taken[slot]) {
                slot = slot(addresses[i], tried[i]++, size);
            }
            taken[slot] = true;
            owners[slot] = (char) i;
            filled++;
        }
        return owners;
    }

    private static int slot(AddressPort at, long step, int size) {
        long offset = Long.remainderUnsigned(hash(0x1319_8a2e_0370_7344L, at), size);
        long skip = 1 + Long.remainderUnsigned(hash(0xa409_3822_299f_31d0L, at), size - 1);
        return (int) ((offset + step * skip) % size);
    }

    private static long hash(long seed, AddressPort at) {
        long high = FlowHash.fold(seed, at.address().high());
        return FlowHash.fold(FlowHash.fold(high, at.address().low()), at.port());
    }
}
