package io.fairlead.k8s.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectKey.Kind;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A list that leaves out everything is not believed at once.
class EmptyListTest {

    private ApiState state = new ApiState(Duration.ofSeconds(60));
    private long nowNanos = Long.MAX_VALUE - 5;

    @BeforeEach
    void twoSlicesOnANode() {
        say(new NodeTopology("n1", null, List.of(), List.of(), false));
        say(slice("a"));
        say(slice("b"));
        list(Kind.SERVICE);
        list(Kind.NODE);
        list(Kind.ENDPOINT_SLICE);
        assertThat(state.isWhole()).isTrue();
        assertThat(slices()).isEqualTo(2);
    }

    private static EndpointSliceSpec slice(String name) {
        return new EndpointSliceSpec(
                new ObjectName("default", name),
                new ObjectName("default", "web"),
                IpFamily.IPV4,
                new EndpointSliceSpec.SliceTraits(false, 1),
                List.of(),
                List.of(
                        new Endpoint(
                                0,
                                IpAddress.parse("10.1.0.1"),
                                null,
                                Endpoint.Conditions.UNKNOWN,
                                Endpoint.Hints.NONE)));
    }

    private void say(ClusterObject object) {
        state.accept(new ApiChange.Said(object.key(), null, object, List.of()), nowNanos);
    }

    private void delete(String slice) {
        state.accept(new ApiChange.Said(slice(slice).key(), null, null, List.of()), nowNanos);
    }

    private void vanish(ObjectKey... keys) {
        for (ObjectKey key : keys) {
            state.accept(new ApiChange.Vanished(key), nowNanos);
        }
    }

    private void list(Kind kind) {
        state.accept(new ApiChange.Listed(kind), nowNanos);
    }

    private void listNoSlice() {
        vanish(slice("a").key(), slice("b").key());
        list(Kind.ENDPOINT_SLICE);
    }

    private void pass(int seconds) {
        nowNanos += TimeUnit.SECONDS.toNanos(seconds);
        state.expire(nowNanos);
    }

    private int slices() {
        return state.update().state().slices().size();
    }

    private List<String> problems() {
        return state.update().problems().stream().map(Problem::toString).toList();
    }

    @Test
    void isHeldForItsTimeThenBelieved() {
        ClusterState before = state.update().state();
        listNoSlice();
        pass(59);
        assertThat(state.update().state()).isSameAs(before);
        assertThat(problems()).singleElement().asString().startsWith("API server: EndpointSlice");
        assertThat(state.heldSinceNanos()).containsOnlyKeys(Kind.ENDPOINT_SLICE);
        pass(1);
        assertThat(slices()).isZero();
        assertThat(problems()).isEmpty();
        assertThat(state.heldSinceNanos()).isEmpty();
    }

    @Test
    void aHoldThatIsShortenedEndsSooner() {
        listNoSlice();
        pass(40);
        assertThat(slices()).isEqualTo(2);
        state.holdFor(Duration.ofSeconds(30));
        pass(1);
        assertThat(slices()).isZero();
    }

    @Test
    void anotherEmptyListDoesNotProlongTheTime() {
        listNoSlice();
        pass(40);
        list(Kind.ENDPOINT_SLICE);
        pass(20);
        assertThat(slices()).isZero();
    }

    @Test
    void objectsThatComeBackEndTheHoldAndNothingChanged() {
        ClusterState before = state.update().state();
        listNoSlice();
        say(slice("a"));
        assertThat(problems()).hasSize(1);
        say(slice("b"));
        ClusterUpdate after = state.update();
        assertThat(after.state()).isSameAs(before);
        assertThat(after.problems()).isEmpty();
        pass(60);
        assertThat(state.update().state()).isSameAs(before);
    }

    @Test
    void aListThatIsNotEmptyIsBelieved() {
        listNoSlice();
        say(slice("b"));
        list(Kind.ENDPOINT_SLICE);
        assertThat(slices()).isEqualTo(1);
        assertThat(problems()).isEmpty();
    }

    @Test
    void whatIsMissingFromAListThatIsNotEmptyGoesAtOnce() {
        vanish(slice("a").key());
        list(Kind.ENDPOINT_SLICE);
        assertThat(slices()).isEqualTo(1);
        assertThat(problems()).isEmpty();
    }

    @Test
    void whatIsDeletedByItselfGoesAtOnce() {
        delete("a");
        delete("b");
        assertThat(slices()).isZero();
        assertThat(problems()).isEmpty();
    }

    @Test
    void whatIsDeletedByItselfDuringTheHoldGoesAtOnce() {
        listNoSlice();
        delete("a");
        assertThat(slices()).isEqualTo(1);
        delete("b");
        assertThat(slices()).isZero();
        assertThat(problems()).isEmpty();
    }

    @Test
    void theOwnNodeGoesAtOnce() {
        vanish(new ObjectKey(Kind.NODE, new ObjectName("", "n1")));
        list(Kind.NODE);
        assertThat(state.update().state().node("n1")).isNull();
    }

    @Test
    void withoutAHoldAllGoesAtOnce() {
        state = new ApiState(Duration.ZERO);
        twoSlicesOnANode();
        listNoSlice();
        assertThat(slices()).isZero();
        assertThat(problems()).isEmpty();
    }
}
