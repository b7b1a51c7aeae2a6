package io.fairlead.k8s.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ObjectKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The view depends on the objects there are, never on the order, repetition or batching in which
/// they came.
class PathIndependenceTest {
    private static final LocalOptions OPTIONS = LocalOptions.forNode("n1");

    /// One event of a source.
    private sealed interface Change {
        record Put(ClusterObject object) implements Change {}

        record Remove(ObjectKey key) implements Change {}

        default ClusterState apply(ClusterState state) {
            return switch (this) {
                case Put(ClusterObject object) -> state.with(object);
                case Remove(ObjectKey key) -> state.without(key);
            };
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aWalkOfChangesGivesWhatItsEndGivesFromScratch(long seed) {
        RandomObjects objects = new RandomObjects(seed);
        Localiser localiser = new Localiser(OPTIONS);
        ClusterState state = ClusterState.EMPTY;
        int batch = 0;
        for (int i = 0; i < 10_000; i++) {
            state = change(objects).apply(state);
            if (batch-- == 0) {
                assertSameAsFromScratch(localiser, state, "seed " + seed + ", change " + i);
                batch = objects.random().nextInt(4);
            }
        }
    }

    private static Change change(RandomObjects objects) {
        return objects.random().nextInt(3) == 0
                ? new Change.Remove(objects.key())
                : new Change.Put(objects.object());
    }

    private static void assertSameAsFromScratch(
            Localiser localiser, ClusterState state, String where) {
        List<Object> incremental = Views.everything(localiser.localise(state));
        List<Object> scratch = Views.everything(Localiser.localise(state, OPTIONS));
        if (!incremental.equals(scratch)) {
            assertThat(incremental).describedAs(where).isEqualTo(scratch);
        }
    }

    @TestFactory
    List<DynamicTest> everyRouteToANamedStateEndsAlike() {
        List<DynamicTest> tests = new ArrayList<>();
        for (long seed = 100; seed < 120; seed++) {
            List<ClusterObject> objects = distinct(new RandomObjects(seed), 40);
            Random random = new Random(seed);
            String name = "state " + seed + " ";
            tests.add(route(name + "reversed", objects, each(objects.reversed())));
            tests.add(route(name + "shuffled", objects, each(shuffled(objects, random))));
            tests.add(route(name + "every event twice", objects, twice(objects)));
            tests.add(route(name + "at once", objects, List.of(puts(objects))));
            tests.add(route(name + "after a detour", objects, detour(objects, seed)));
        }
        return tests;
    }

    private static List<ClusterObject> distinct(RandomObjects from, int count) {
        ClusterState state = ClusterState.EMPTY;
        List<ClusterObject> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ClusterObject object = from.object();
            if (state.object(object.key()) == null) {
                state = state.with(object);
                objects.add(object);
            }
        }
        return objects;
    }

    private static DynamicTest route(
            String name, List<ClusterObject> objects, List<List<Change>> batches) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    ClusterState expected = ClusterState.EMPTY;
                    for (ClusterObject object : objects) {
                        expected = expected.with(object);
                    }
                    Localiser localiser = new Localiser(OPTIONS);
                    ClusterState state = ClusterState.EMPTY;
                    LocalView view = localiser.localise(state);
                    for (List<Change> batch : batches) {
                        for (Change change : batch) {
                            state = change.apply(state);
                        }
                        view = localiser.localise(state);
                    }
                    assertThat(state).isEqualTo(expected);
                    assertThat(Views.everything(view))
                            .isEqualTo(Views.everything(Localiser.localise(expected, OPTIONS)));
                });
    }

    private static List<Change> puts(List<ClusterObject> objects) {
        return objects.stream().<Change>map(Change.Put::new).toList();
    }

    private static List<List<Change>> each(List<ClusterObject> objects) {
        return puts(objects).stream().map(List::of).toList();
    }

    private static List<List<Change>> twice(List<ClusterObject> objects) {
        return puts(objects).stream().map(change -> List.of(change, change)).toList();
    }

    private static List<ClusterObject> shuffled(List<ClusterObject> objects, Random random) {
        List<ClusterObject> shuffled = new ArrayList<>(objects);
        Collections.shuffle(shuffled, random);
        return shuffled;
    }

    /// Every object is preceded by others with its key, and by one that is then removed.
    private static List<List<Change>> detour(List<ClusterObject> objects, long seed) {
        RandomObjects others = new RandomObjects(seed + 1_000);
        List<List<Change>> batches = new ArrayList<>();
        List<ObjectKey> strangers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ClusterObject stranger = others.object();
            strangers.add(stranger.key());
            batches.add(List.of(new Change.Put(stranger)));
        }
        for (ObjectKey key : strangers) {
            batches.add(List.of(new Change.Remove(key)));
        }
        batches.addAll(each(objects));
        return batches;
    }

    @Test
    void anEqualStateGivesTheVerySameView() {
        RandomObjects objects = new RandomObjects(7);
        ClusterState state = ClusterState.EMPTY;
        for (int i = 0; i < 100; i++) {
            state = state.with(objects.object());
        }
        Localiser localiser = new Localiser(OPTIONS);
        LocalView first = localiser.localise(state);
        assertThat(localiser.localise(state)).isSameAs(first);
    }

    @Test
    void unchangedPortsAreTheVerySameObjects() {
        Localiser localiser = new Localiser(OPTIONS);
        ClusterState state =
                ClusterState.EMPTY
                        .with(Clusters.service("a", "10.96.0.1"))
                        .with(Clusters.service("b", "10.96.0.2"))
                        .with(Clusters.slice("a-1", "a", List.of(Clusters.endpoint("10.0.0.1"))))
                        .with(Clusters.slice("b-1", "b", List.of(Clusters.endpoint("10.0.0.2"))));
        LocalView before = localiser.localise(state);
        LocalView after =
                localiser.localise(
                        state.with(
                                Clusters.slice(
                                        "b-1", "b", List.of(Clusters.endpoint("10.0.0.3")))));
        assertThat(after.sortedPorts().getFirst()).isSameAs(before.sortedPorts().getFirst());
        assertThat(after.sortedPorts().getLast()).isNotEqualTo(before.sortedPorts().getLast());
    }
}
