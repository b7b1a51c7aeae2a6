package io.fairlead.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The life of a backend that cannot be connected to, by a clock that the test moves.
class EjectionTest {

    private static final long BASE = 30;
    private static final ServicePortName NAME =
            new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);
    private static final AddressPort AT = new AddressPort(IpAddress.parse("10.0.0.1"), 80);

    private final EjectionLog log = new EjectionLog();
    private final BackendGroup group =
            new BackendGroup(
                    NAME, new EjectionRule(3, Duration.ofNanos(BASE), Duration.ofNanos(100)), log);
    private final Backend backend = group.backend(AT);
    private long nowNs = 1_000;

    private void fail(int times, Attempt attempt) {
        for (int i = 0; i < times; i++) {
            backend.onConnectFailed(attempt, "refused", nowNs);
        }
    }

    /// Its time is over, one flow tries, and has this answer.
    private void probe(boolean answers) {
        assertThat(backend.claimProbe(nowNs)).isTrue();
        if (answers) {
            backend.onConnected(Attempt.PROBE, nowNs);
        } else {
            fail(1, Attempt.PROBE);
        }
    }

    @Test
    void failuresInARowEject() {
        fail(2, Attempt.NORMAL);
        assertThat(backend.isEjected()).isFalse();
        fail(1, Attempt.NORMAL);
        assertThat(backend.isEjected()).isTrue();
    }

    @Test
    void aSuccessBetweenThemStartsTheCountAnew() {
        fail(2, Attempt.NORMAL);
        backend.onConnected(Attempt.NORMAL, nowNs);
        fail(2, Attempt.NORMAL);
        assertThat(backend.isEjected()).isFalse();
    }

    @Test
    void nobodyProbesBeforeItsTime() {
        fail(3, Attempt.NORMAL);
        nowNs += BASE - 1;
        assertThat(backend.claimProbe(nowNs)).isFalse();
        nowNs += 1;
        assertThat(backend.claimProbe(nowNs)).isTrue();
    }

    @Test
    void oneFlowProbesAtATime() {
        fail(3, Attempt.NORMAL);
        nowNs += BASE;
        assertThat(backend.claimProbe(nowNs)).isTrue();
        assertThat(backend.claimProbe(nowNs)).isFalse();
        assertThat(backend.isEjected()).isTrue();
    }

    @Test
    void aProbeThatIsAnsweredReadmits() {
        fail(3, Attempt.NORMAL);
        nowNs += BASE;
        probe(true);
        assertThat(backend.isEjected()).isFalse();
        fail(2, Attempt.NORMAL);
        assertThat(backend.isEjected()).isFalse();
    }

    @Test
    void aProbeThatFailsEjectsForLonger() {
        fail(3, Attempt.NORMAL);
        nowNs += BASE;
        probe(false);
        nowNs += 2 * BASE - 1;
        assertThat(backend.claimProbe(nowNs)).isFalse();
        nowNs += 1;
        probe(false);
        nowNs += 3 * BASE;
        probe(false);
        // From here on the longest time holds.
        nowNs += 99;
        assertThat(backend.claimProbe(nowNs)).isFalse();
        nowNs += 1;
        assertThat(backend.claimProbe(nowNs)).isTrue();
    }

    @Test
    void aProbeThatEndsUnansweredLeavesItToTheNext() {
        fail(3, Attempt.NORMAL);
        nowNs += BASE;
        assertThat(backend.claimProbe(nowNs)).isTrue();
        backend.onProbeAbandoned();
        assertThat(backend.isEjected()).isTrue();
        assertThat(backend.claimProbe(nowNs)).isTrue();
    }

    /// What was under way when it was ejected says nothing about afterwards.
    @Test
    void flowsFromBeforeTheEjectionChangeNothing() {
        fail(3, Attempt.NORMAL);
        backend.onConnected(Attempt.NORMAL, nowNs);
        assertThat(backend.isEjected()).isTrue();
        nowNs += BASE;
        assertThat(backend.claimProbe(nowNs)).isTrue();
        fail(5, Attempt.NORMAL);
        backend.onConnected(Attempt.PROBE, nowNs);
        assertThat(backend.isEjected()).isFalse();
    }

    @Test
    void aTrialThatSucceedsReadmitsAtOnce() {
        fail(3, Attempt.NORMAL);
        backend.onConnected(Attempt.TRIAL, nowNs);
        assertThat(backend.isEjected()).isFalse();
    }

    @Test
    void timeInUseIsForgiving() {
        fail(3, Attempt.NORMAL);
        nowNs += BASE;
        probe(false);
        nowNs += 2 * BASE;
        probe(true); // ejected twice
        nowNs += BASE;
        fail(3, Attempt.NORMAL); // one of them is forgiven
        nowNs += 2 * BASE - 1;
        assertThat(backend.claimProbe(nowNs)).isFalse();
        nowNs += 1;
        probe(true);
        nowNs += 100 * BASE;
        fail(3, Attempt.NORMAL);
        nowNs += BASE;
        assertThat(backend.claimProbe(nowNs)).isTrue();
    }

    @Test
    void zeroFailuresMeanNever() {
        EjectionRule never = new EjectionRule(0, Duration.ofNanos(1), Duration.ofNanos(1));
        Backend other = new BackendGroup(NAME, never, log).backend(AT);
        for (int i = 0; i < 1_000; i++) {
            other.onConnectFailed(Attempt.NORMAL, "refused", nowNs);
        }
        assertThat(other.isEjected()).isFalse();
    }

    @Test
    void itSurvivesChangesThatKeepTheBackend() {
        fail(3, Attempt.NORMAL);
        group.retain(Set.of(AT));
        assertThat(group.backend(AT).isEjected()).isTrue();
        group.retain(Set.of());
        assertThat(group.backend(AT).isEjected()).isFalse();
    }

    @Test
    void aBackendThatIsGoneIsNotEjected() {
        group.retain(Set.of());
        fail(10, Attempt.NORMAL);
        assertThat(backend.isEjected()).isFalse();
        assertThat(log.ejections()).isZero();
    }

    @Test
    void eachChangeIsToldOnce() {
        fail(10, Attempt.NORMAL);
        nowNs += BASE;
        probe(false);
        nowNs += 2 * BASE;
        probe(true);
        assertThat(log.take())
                .isEqualTo(
                        List.of(
                                new EjectionLog.Change(NAME, AT, BASE, "refused"),
                                new EjectionLog.Change(NAME, AT, 2 * BASE, "refused"),
                                new EjectionLog.Change(NAME, AT, 0, "")));
        assertThat(log.take()).isEmpty();
        assertThat(log.ejections()).isEqualTo(2);
    }
}
