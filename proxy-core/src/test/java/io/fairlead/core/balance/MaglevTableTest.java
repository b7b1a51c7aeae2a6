package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Pins how evenly the table spreads and how little a change moves. A figure that changes here
/// moves the clients of every node that is not upgraded at the same time.
class MaglevTableTest {

    private static final int LARGEST = 65_537;

    private static AddressPort[] owners(MaglevTable table, AddressPort[] addresses) {
        return IntStream.range(0, table.size())
                .mapToObj(slot -> addresses[table.owner(slot)])
                .toArray(AddressPort[]::new);
    }

    private static AddressPort[] owners(AddressPort[] addresses, int size) {
        int[] weights = Fixtures.equalWeights(addresses.length);
        return owners(MaglevTable.of(addresses, weights, size), addresses);
    }

    private static int[] slotsOfEach(MaglevTable table, int count) {
        int[] slots = new int[count];
        for (int slot = 0; slot < table.size(); slot++) {
            slots[table.owner(slot)]++;
        }
        return slots;
    }

    @Test
    void theTableIsTheSameWhateverTheOrder() {
        AddressPort[] sorted = Fixtures.addresses(100);
        AddressPort[] expected = owners(sorted, LARGEST);
        for (long seed = 1; seed <= 3; seed++) {
            List<AddressPort> shuffled = Arrays.asList(sorted.clone());
            Collections.shuffle(shuffled, new Random(seed));
            assertThat(owners(shuffled.toArray(AddressPort[]::new), LARGEST))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void weightsFollowTheirBackendsWhateverTheOrder() {
        AddressPort[] forward = Fixtures.addresses(7);
        int[] weights = {1, 2, 3, 4, 5, 6, 7};
        AddressPort[] backward = Fixtures.addresses(7);
        Collections.reverse(Arrays.asList(backward));
        int[] backwardWeights = {7, 6, 5, 4, 3, 2, 1};
        assertThat(owners(MaglevTable.of(backward, backwardWeights), backward))
                .isEqualTo(owners(MaglevTable.of(forward, weights), forward));
    }

    /// The figures come from a second implementation, written from the text.
    @Test
    void theTableIsTheSameOnEveryNodeAndInEveryVersion() {
        AddressPort[] addresses = Fixtures.addresses(100);
        assertThat(Arrays.hashCode(slots(addresses, LARGEST))).isEqualTo(-1_389_497_271);
        assertThat(Arrays.copyOf(slots(Fixtures.addresses(3), 251), 12))
                .containsExactly(1, 0, 0, 0, 0, 2, 1, 2, 1, 2, 2, 0);
        AddressPort[] ipv6 =
                IntStream.range(0, 3)
                        .mapToObj(i -> new AddressPort(IpAddress.parse("fd00::" + (i + 1)), 80))
                        .toArray(AddressPort[]::new);
        assertThat(Arrays.copyOf(slots(ipv6, 251), 12))
                .containsExactly(2, 0, 1, 2, 1, 2, 2, 2, 0, 1, 0, 1);
    }

    private static int[] slots(AddressPort[] addresses, int size) {
        MaglevTable table =
                MaglevTable.of(addresses, Fixtures.equalWeights(addresses.length), size);
        return IntStream.range(0, size).map(table::owner).toArray();
    }

    @Test
    void aHundredBackendsShareTheLargestTableAlmostEvenly() {
        MaglevTable table =
                MaglevTable.of(Fixtures.addresses(100), Fixtures.equalWeights(100), LARGEST);
        int most = Arrays.stream(slotsOfEach(table, 100)).max().orElseThrow();
        assertThat(most).isEqualTo(656);
        assertThat(most / (LARGEST / 100.0)).isCloseTo(1.0010, within(0.0001)).isLessThan(1.01);
    }

    /// The share of keys that a removal moves although their backend stays, worst of all removals.
    private static double worstMoved(int count, int size) {
        AddressPort[] all = Fixtures.addresses(count);
        AddressPort[] before = owners(all, size);
        double worst = 0;
        for (AddressPort removed : all) {
            AddressPort[] rest =
                    Arrays.stream(all).filter(a -> !a.equals(removed)).toArray(AddressPort[]::new);
            AddressPort[] after = owners(rest, size);
            long others = Arrays.stream(before).filter(a -> !a.equals(removed)).count();
            long moved =
                    IntStream.range(0, size)
                            .filter(s -> !before[s].equals(removed) && !before[s].equals(after[s]))
                            .count();
            worst = Math.max(worst, (double) moved / others);
        }
        return worst;
    }

    @Test
    void removingOneOfAHundredMovesFewKeysOfTheOthers() {
        assertThat(worstMoved(100, LARGEST)).isCloseTo(0.00617, within(0.00001)).isLessThan(0.02);
        // The size that a hundred backends get by themselves.
        assertThat(worstMoved(100, 16_381)).isCloseTo(0.01505, within(0.00001)).isLessThan(0.02);
    }

    @Test
    void sizesAreAboveAHundredSlotsForEachBackend() {
        assertThat(sizesFor(1, 2, 3, 10, 11, 40, 41, 163, 164, 655, 656, 100_000))
                .containsExactly(
                        251, 251, 1_021, 1_021, 4_093, 4_093, 16_381, 16_381, LARGEST, LARGEST,
                        LARGEST, LARGEST);
    }

    private static int[] sizesFor(int... counts) {
        return Arrays.stream(counts)
                .map(count -> MaglevTable.sizeFor(Fixtures.equalWeights(count)))
                .toArray();
    }

    @Test
    void unequalWeightsGetRoomForTheLightest() {
        assertThat(MaglevTable.sizeFor(new int[] {1, 9})).isEqualTo(1_021);
        assertThat(MaglevTable.sizeFor(new int[] {200, 200})).isEqualTo(251);
        assertThat(MaglevTable.sizeFor(new int[] {1, 256})).isEqualTo(LARGEST);
    }

    @Test
    void slotsAreAsTheWeights() {
        int[] weights = Fixtures.mixedWeights(100);
        MaglevTable table = MaglevTable.of(Fixtures.addresses(100), weights);
        int[] slots = slotsOfEach(table, 100);
        for (int i = 0; i < 100; i++) {
            double expected = table.size() * weights[i] / 250.0;
            assertThat((double) slots[i]).isCloseTo(expected, within(0.01 * expected));
        }
    }

    @Test
    void everyBackendOwnsASlotWhileThereAreEnough() {
        int[] slots =
                slotsOfEach(
                        MaglevTable.of(Fixtures.addresses(65_536), Fixtures.equalWeights(65_536)),
                        65_536);
        assertThat(slots).doesNotContain(0);
    }

    @Test
    void moreBackendsThanSlotsStillMakeATable() {
        MaglevTable table =
                MaglevTable.of(Fixtures.addresses(70_000), Fixtures.equalWeights(70_000));
        assertThat(table.size()).isEqualTo(LARGEST);
        assertThat(table.owner(table.slot(-1L))).isBetween(0, 69_999);
    }

    @Test
    void hashesCoverAllSlotsFromFirstToLast() {
        MaglevTable table = MaglevTable.of(Fixtures.addresses(3), Fixtures.equalWeights(3));
        assertThat(table.slot(0)).isZero();
        assertThat(table.slot(-1L)).isEqualTo(table.size() - 1);
    }
}
