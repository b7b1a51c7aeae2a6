package io.fairlead.k8s.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.SyncProgress;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The proxy's own health, on a clock that the test moves.
class SyncHealthTest {

    private static final Instant START = Instant.parse("2026-11-22T10:00:00.120Z");

    private Duration elapsed = Duration.ZERO;
    private final SyncProgress progress = new SyncProgress(this::now);
    private final SyncHealth health = new SyncHealth(progress, this::now);
    private final ProxyHealth pages =
            new ProxyHealth(
                    health, new NodeEligibility("n1", true), progress, new PrometheusRegistry());

    private Moment now() {
        return new Moment(START.plus(elapsed), elapsed.toNanos());
    }

    private void passSeconds(long seconds) {
        elapsed = elapsed.plusSeconds(seconds);
    }

    private void offer(NodeTopology... nodes) {
        ClusterState state = ClusterState.EMPTY;
        for (NodeTopology node : nodes) {
            state = state.with(node);
        }
        progress.offer(new ClusterUpdate(state, List.of()));
    }

    private static NodeTopology node(String name, boolean leaving) {
        return new NodeTopology(name, null, List.of(), List.of(), leaving);
    }

    private void apply() {
        ClusterUpdate update = Objects.requireNonNull(progress.take());
        progress.onApplied(update.state(), progress.applied().view(), Set.of(), false);
    }

    @Test
    void a12b_healthyWhileStartingAndWithNothingToDo() {
        passSeconds(3600);
        assertThat(health.isHealthy()).isTrue();
        offer();
        apply();
        passSeconds(3600);
        assertThat(health.isHealthy()).isTrue();
    }

    @Test
    void a12b_unhealthyFromSixtySecondsAfterTheOldestUpdate() {
        offer();
        passSeconds(30);
        offer();
        elapsed = elapsed.plusSeconds(30).minusNanos(1);
        assertThat(health.isHealthy()).isTrue();
        elapsed = elapsed.plusNanos(1);
        assertThat(health.isHealthy()).isFalse();
        apply();
        assertThat(health.isHealthy()).isTrue();
    }

    @Test
    void a12b_anApplyThatHangsOrFailsIsNoneAndWhatCameMeanwhileWaitsFromThenOn() {
        offer();
        ClusterUpdate update = Objects.requireNonNull(progress.take());
        passSeconds(40);
        offer(node("n1", false));
        passSeconds(20);
        assertThat(health.isHealthy()).isFalse();
        progress.onApplied(update.state(), progress.applied().view(), Set.of(), false);
        assertThat(health.isHealthy()).isTrue();
        passSeconds(40);
        assertThat(health.isHealthy()).isFalse();
    }

    @Test
    void a12b_whatWasTakenAndNotAppliedIsTakenAgainAndStillWaits() {
        offer();
        ClusterUpdate update = Objects.requireNonNull(progress.take());
        passSeconds(60);
        assertThat(health.isHealthy()).isFalse();
        assertThat(progress.take()).isSameAs(update);
        assertThat(health.isHealthy()).isFalse();
        progress.onApplied(update.state(), progress.applied().view(), Set.of(), true);
        assertThat(health.isHealthy()).isTrue();
    }

    @Test
    void a12b_theJsonOfAHealthyProxy() {
        String now = "2026-11-22T10:00:00.12Z";
        String family = "{\"lastUpdated\":\"" + now + "\",\"healthy\":true}";
        String status = ",\"status\":{\"IPv4\":" + family + ",\"IPv6\":" + family + "}}";
        String times = "{\"lastUpdated\":\"" + now + "\",\"currentTime\":\"" + now + "\",";
        assertThat(pages.answer("/healthz"))
                .isEqualTo(
                        HttpReply.json(
                                200, times + "\"nodeEligible\":true,\"healthy\":true" + status));
        assertThat(pages.answer("/livez"))
                .isEqualTo(HttpReply.json(200, times + "\"healthy\":true" + status));
        assertThat(pages.answer("/").code()).isEqualTo(404);
    }

    @Test
    void a12b_theJsonOfAnUnhealthyProxy() {
        offer();
        apply();
        passSeconds(1);
        offer();
        elapsed = elapsed.plus(Duration.ofMillis(60_880));
        String last = "2026-11-22T10:00:00.12Z";
        String family = "{\"lastUpdated\":\"" + last + "\",\"healthy\":false}";
        String body =
                "{\"lastUpdated\":\""
                        + last
                        + "\",\"currentTime\":\"2026-11-22T10:01:02Z\",\"healthy\":false,"
                        + "\"status\":{\"IPv4\":"
                        + family
                        + ",\"IPv6\":"
                        + family
                        + "}}";
        assertThat(pages.answer("/livez")).isEqualTo(HttpReply.json(503, body));
        assertThat(pages.answer("/healthz").code()).isEqualTo(503);
    }

    @Test
    void a12b_onlyHealthzKnowsTheNode() {
        offer(node("n1", true));
        assertThat(pages.answer("/healthz").code()).isEqualTo(503);
        assertThat(pages.answer("/healthz").body())
                .contains("\"nodeEligible\":false,\"healthy\":true");
        assertThat(pages.answer("/livez").code()).isEqualTo(200);
        offer(node("n1", false));
        assertThat(pages.answer("/healthz").code()).isEqualTo(200);
    }

    @Test
    void a12b_aNodeThatIsNotAmongTheNodesIsNotEligible() {
        ClusterState others = ClusterState.EMPTY.with(node("n2", false));
        assertThat(new NodeEligibility("n1", true).test(others)).isFalse();
        assertThat(new NodeEligibility("n1", true).test(ClusterState.EMPTY)).isTrue();
        assertThat(new NodeEligibility("n1", false).test(ClusterState.EMPTY)).isFalse();
    }
}
