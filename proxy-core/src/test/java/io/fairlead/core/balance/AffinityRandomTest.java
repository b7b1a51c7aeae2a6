package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random flows, set changes, reaping and time, compared with a plain map in order of use.
class AffinityRandomTest {

    private static final int CAPACITY = 50;
    private static final long TTL_NS = 1_000;

    private record Known(Backend backend, long lastUsedNs) {}

    private final Backend[] all = Fixtures.backends(6);
    private final AffinityTable table = new AffinityTable(CAPACITY);
    private final LinkedHashMap<Long, Known> model = new LinkedHashMap<>(64, 0.75f, true);
    private long nowNs;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void agreesWithAPlainMap(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Backend[] usable = all;
        for (int step = 0; step < 20_000; step++) {
            nowNs += random.nextInt(20);
            if (random.nextInt(50) == 0) {
                usable = someOf(random);
            }
            if (random.nextInt(200) == 0) {
                table.reap(nowNs);
                model.values().removeIf(this::isExpired);
            }
            flow(random.nextInt(70), usable, "seed " + seed + ", step " + step);
            assertThat(table.size()).isEqualTo(model.size());
        }
        assertThat(table.evicted()).isPositive();
        assertThat(table.expired()).isPositive();
    }

    private void flow(long client, Backend[] usable, String where) {
        BackendPicker beneath =
                BackendPicker.of(
                        Balancing.of(Policy.RANDOM),
                        true,
                        usable,
                        Fixtures.equalWeights(usable.length));
        AffinityPicker picker = new AffinityPicker(table, Fixtures.WEB, TTL_NS, usable, beneath);
        Backend picked = usable[picker.pick(0, client, 0, nowNs)];
        Known known = model.get(client);
        if (known != null && !isExpired(known) && Arrays.asList(usable).contains(known.backend)) {
            assertThat(picked).as(where).isEqualTo(known.backend);
        }
        if (known == null && model.size() == CAPACITY) {
            model.pollFirstEntry();
        }
        model.put(client, new Known(picked, nowNs));
    }

    private boolean isExpired(Known known) {
        return nowNs - known.lastUsedNs >= TTL_NS;
    }

    private Backend[] someOf(SplittableRandom random) {
        int bits = 1 + random.nextInt((1 << all.length) - 1);
        return Arrays.stream(all)
                .filter(b -> (bits >> Arrays.asList(all).indexOf(b) & 1) != 0)
                .toArray(Backend[]::new);
    }
}
