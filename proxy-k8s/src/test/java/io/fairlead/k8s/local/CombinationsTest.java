package io.fairlead.k8s.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.Endpoint.Conditions;
import io.fairlead.k8s.cluster.Endpoint.Hints;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Every combination of conditions, places, policies and hints of up to three endpoints, compared
/// with [NaiveRules].
class CombinationsTest {
    private static final ThisNode NODE =
            new ThisNode(LocalOptions.forNode("n1"), "a", List.of(), NodeNetwork.EMPTY);

    /// Who carries which hints: of zones or of nodes, ours or others'.
    private enum HintPattern {
        NONE,
        ALL_OURS,
        FIRST_ONLY,
        LAST_MISSING,
        FIRST_OURS_REST_OTHERS,
        ALL_WRONG;

        Set<String> of(int index, int count, String ours, String other) {
            return switch (this) {
                case NONE -> Set.of();
                case ALL_OURS -> Set.of(ours, other);
                case FIRST_ONLY -> index == 0 ? Set.of(ours) : Set.of();
                case LAST_MISSING -> index == count - 1 ? Set.of() : Set.of(ours);
                case FIRST_OURS_REST_OTHERS -> Set.of(index == 0 ? ours : other);
                case ALL_WRONG -> Set.of(other);
            };
        }
    }

    /// One endpoint's conditions and place.
    private record Shape(Conditions conditions, @Nullable String node) {}

    private static List<Shape> shapes() {
        List<@Nullable Boolean> values = new ArrayList<>();
        values.add(null);
        values.add(true);
        values.add(false);
        List<Shape> shapes = new ArrayList<>();
        for (Boolean ready : values) {
            for (Boolean serving : values) {
                for (Boolean terminating : values) {
                    Conditions conditions = new Conditions(ready, serving, terminating);
                    shapes.add(new Shape(conditions, "n1"));
                    shapes.add(new Shape(conditions, "n2"));
                }
            }
        }
        return shapes;
    }

    @Test
    void everyCombinationIsAsTheTextSays() {
        long[] compared = {0};
        for (int count = 0; count <= 3; count++) {
            choose(count, 0, new ArrayList<>(), shapes -> compared[0] += compareAll(shapes));
        }
        // Multisets of 54 shapes: 1 + 54 + 1485 + 27720, times hint patterns and policies.
        assertThat(compared[0]).isEqualTo(29_260L * patterns().size() * 4);
    }

    private record Pattern(HintPattern zones, HintPattern nodes) {}

    private static List<Pattern> patterns() {
        List<Pattern> patterns = new ArrayList<>();
        for (HintPattern pattern : HintPattern.values()) {
            patterns.add(new Pattern(pattern, HintPattern.NONE));
            patterns.add(new Pattern(HintPattern.NONE, pattern));
        }
        patterns.add(new Pattern(HintPattern.FIRST_OURS_REST_OTHERS, HintPattern.ALL_WRONG));
        patterns.add(new Pattern(HintPattern.ALL_OURS, HintPattern.LAST_MISSING));
        return patterns;
    }

    private static void choose(
            int count, int from, List<Shape> chosen, Consumer<List<Shape>> each) {
        if (count == 0) {
            each.accept(chosen);
            return;
        }
        List<Shape> shapes = shapes();
        for (int i = from; i < shapes.size(); i++) {
            chosen.add(shapes.get(i));
            choose(count - 1, i, chosen, each);
            chosen.removeLast();
        }
    }

    private static long compareAll(List<Shape> shapes) {
        long compared = 0;
        for (Pattern pattern : patterns()) {
            List<Endpoint> endpoints = endpoints(shapes, pattern);
            NaiveRules naive = new NaiveRules(endpoints, "n1", "a");
            for (int policy = 0; policy < 4; policy++) {
                compare(endpoints, naive, (policy & 1) != 0, (policy & 2) != 0);
                compared++;
            }
        }
        return compared;
    }

    private static void compare(
            List<Endpoint> endpoints, NaiveRules naive, boolean internal, boolean external) {
        ServiceSpec service =
                Clusters.service("web", "10.96.0.1", 30080, Clusters.policy(internal, external));
        PortDraft port =
                ServiceRules.apply(
                                service, List.of(Clusters.slice("web-1", "web", endpoints)), NODE)
                        .ports()
                        .getFirst();
        check(port.sets().internal(), naive.internal(internal), endpoints);
        check(port.sets().external(), naive.external(external), endpoints);
        check(port.sets().externalFromPodOrNode(), naive.externalFromPodOrNode(), endpoints);
    }

    private static void check(BackendSet actual, String expected, List<Endpoint> endpoints) {
        String described = NaiveRules.describe(actual);
        if (!Objects.equals(described, expected)) {
            assertThat(described).describedAs("%s", endpoints).isEqualTo(expected);
        }
    }

    private static List<Endpoint> endpoints(List<Shape> shapes, Pattern pattern) {
        List<Endpoint> endpoints = new ArrayList<>();
        int count = shapes.size();
        for (int i = 0; i < count; i++) {
            Hints hints =
                    new Hints(
                            pattern.zones.of(i, count, "a", "b"),
                            pattern.nodes.of(i, count, "n1", "n2"));
            endpoints.add(
                    new Endpoint(
                            i,
                            IpAddress.parse("10.0.0." + (i + 1)),
                            shapes.get(i).node,
                            shapes.get(i).conditions,
                            hints));
        }
        return endpoints;
    }
}
