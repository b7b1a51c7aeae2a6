package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// ClientIP affinity (SEMANTICS A9). Clients are numbered, time is a field.
class AffinityTest {

    private static final long TTL_NS = TimeUnit.HOURS.toNanos(3);
    private static final ServicePortName OTHER =
            new ServicePortName("default", "other", "", Protocol.TCP, IpFamily.IPV4);

    private long nowNs = Long.MAX_VALUE - TTL_NS; // wraps on the way
    private final Backend[] backends = Fixtures.backends(5);
    private final AffinityTable table = new AffinityTable(1_000);
    private final AffinityPicker web = picker(table, Fixtures.WEB, TTL_NS, backends);

    /// Round-robin beneath: without affinity no two flows in a row go to the same backend.
    private static AffinityPicker picker(
            AffinityTable table, ServicePortName port, long ttlNs, Backend... backends) {
        BackendPicker beneath =
                BackendPicker.of(
                        Balancing.of(Policy.ROUND_ROBIN),
                        true,
                        backends,
                        Fixtures.equalWeights(backends.length));
        return new AffinityPicker(table, port, ttlNs, backends, beneath);
    }

    private int pick(AffinityPicker picker, int client) {
        return picker.pick(0, client, 0, nowNs);
    }

    private int peek(AffinityPicker picker, int client) {
        return picker.peek(0, client, nowNs);
    }

    @Test
    void aClientKeepsItsBackendAndOthersGoElsewhere() {
        int first = pick(web, 1);
        assertThat(pick(web, 2)).isNotEqualTo(first);
        for (int i = 0; i < 15; i++) {
            assertThat(pick(web, 1)).isEqualTo(first);
        }
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void halvesOfAnAddressAreNotConfused() {
        int first = web.pick(1, 2, 0, nowNs);
        assertThat(web.peek(2, 1, nowNs)).isEqualTo(AffinityPicker.NONE);
        assertThat(web.peek(1, 2, nowNs)).isEqualTo(first);
    }

    @Test
    void servicePortsAreApart() {
        pick(web, 1);
        assertThat(peek(picker(table, OTHER, TTL_NS, backends), 1)).isEqualTo(AffinityPicker.NONE);
    }

    @Test
    void anEqualNameIsTheSameServicePort() {
        int first = pick(web, 1);
        ServicePortName equal =
                new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);
        assertThat(peek(picker(table, equal, TTL_NS, backends), 1)).isEqualTo(first);
    }

    @Test
    void eachNewFlowRefreshesTheTime() {
        int first = pick(web, 1);
        for (int i = 0; i < 10; i++) {
            nowNs += TTL_NS - 1;
            assertThat(pick(web, 1)).isEqualTo(first);
        }
        assertThat(table.expired()).isZero();
        nowNs += TTL_NS;
        assertThat(peek(web, 1)).isEqualTo(AffinityPicker.NONE);
        assertThat(pick(web, 1)).isNotEqualTo(first);
        assertThat(table.expired()).isEqualTo(1);
    }

    @Test
    void lookingDoesNotRefresh() {
        pick(web, 1);
        nowNs += TTL_NS - 1;
        assertThat(peek(web, 1)).isNotEqualTo(AffinityPicker.NONE);
        nowNs += 1;
        assertThat(peek(web, 1)).isEqualTo(AffinityPicker.NONE);
    }

    @Test
    void aBackendThatLeftTheSetIsReplacedForGood() {
        int first = pick(web, 1);
        Backend[] rest =
                Arrays.stream(backends).filter(b -> b != backends[first]).toArray(Backend[]::new);
        AffinityPicker next = picker(table, Fixtures.WEB, TTL_NS, rest);
        Backend second = rest[pick(next, 1)];
        assertThat(second).isNotEqualTo(backends[first]);
        assertThat(rest[pick(next, 1)]).isEqualTo(second);
        // Back in the set: the client stays where it went.
        assertThat(backends[pick(web, 1)]).isEqualTo(second);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aBackendIsFoundWhereverItStandsInTheNextSet() {
        for (int client = 0; client < 5; client++) {
            Backend stuck = backends[pick(web, client)];
            for (int removed = 0; removed < 5; removed++) {
                Backend gone = backends[removed];
                Backend[] rest =
                        Arrays.stream(backends).filter(b -> b != gone).toArray(Backend[]::new);
                int index = peek(picker(table, Fixtures.WEB, TTL_NS, rest), client);
                assertThat(index == AffinityPicker.NONE ? gone : rest[index]).isEqualTo(stuck);
            }
        }
    }

    @Test
    void aBackendMadeAnewAtTheSameAddressIsTheSame() {
        int first = pick(web, 1);
        Backend[] anew = Fixtures.backends(5);
        assertThat(pick(picker(table, Fixtures.WEB, TTL_NS, anew), 1)).isEqualTo(first);
    }

    /// A9.3 in spirit: a backend that cannot be reached is not usable.
    @Test
    void aClientWhoseBackendCannotBeReachedSticksToTheNext() {
        int first = pick(web, 1);
        int other = web.pickAmong(0, 1, 0, i -> i != first, nowNs);
        assertThat(other).isBetween(0, 4).isNotEqualTo(first);
        assertThat(pick(web, 1)).isEqualTo(other);
    }

    @Test
    void flowsOfAClientThatFailAtOnceGoToOneBackend() {
        int first = pick(web, 1);
        int other = web.pickAmong(0, 1, 0, i -> i != first, nowNs);
        for (int i = 0; i < 100; i++) {
            assertThat(web.pickAmong(0, 1, i, c -> c != first, nowNs)).isEqualTo(other);
        }
    }

    @Test
    void withoutACandidateAClientStays() {
        int first = pick(web, 1);
        assertThat(web.pickAmong(0, 1, 0, _ -> false, nowNs)).isEqualTo(AffinityPicker.NONE);
        assertThat(pick(web, 1)).isEqualTo(first);
    }

    @Test
    void aChangedTimeoutHoldsForKnownClients() {
        pick(web, 1);
        nowNs += TTL_NS / 2;
        assertThat(peek(picker(table, Fixtures.WEB, TTL_NS / 2, backends), 1))
                .isEqualTo(AffinityPicker.NONE);
        nowNs += TTL_NS;
        assertThat(peek(picker(table, Fixtures.WEB, TTL_NS * 2, backends), 1))
                .isNotEqualTo(AffinityPicker.NONE);
    }

    @Test
    void theOldestIsEvictedAndCounted() {
        AffinityTable small = new AffinityTable(3);
        AffinityPicker picker = picker(small, Fixtures.WEB, TTL_NS, backends);
        for (int client = 1; client <= 3; client++) {
            pick(picker, client);
        }
        pick(picker, 1); // 2 is now the oldest
        pick(picker, 4);
        assertThat(peek(picker, 2)).isEqualTo(AffinityPicker.NONE);
        for (int client : new int[] {1, 3, 4}) {
            assertThat(peek(picker, client)).isNotEqualTo(AffinityPicker.NONE);
        }
        assertThat(small.size()).isEqualTo(3);
        assertThat(small.evicted()).isEqualTo(1);
    }

    @Test
    void roomMadeByAnExpiredClientIsNoEviction() {
        AffinityTable small = new AffinityTable(1);
        AffinityPicker picker = picker(small, Fixtures.WEB, TTL_NS, backends);
        pick(picker, 1);
        nowNs += TTL_NS;
        pick(picker, 2);
        assertThat(small.evicted()).isZero();
        assertThat(small.expired()).isEqualTo(1);
    }

    @Test
    void theBoundHoldsForTheWholeAgent() {
        int capacity = 40_000;
        AffinityTable large = new AffinityTable(capacity);
        AffinityPicker[] pickers = {
            picker(large, Fixtures.WEB, TTL_NS, backends), picker(large, OTHER, TTL_NS, backends)
        };
        for (int client = 0; client < 100_000; client++) {
            pick(pickers[client % 2], client);
        }
        assertThat(large.size()).isEqualTo(capacity);
        assertThat(large.evicted()).isEqualTo(60_000);
        int kept = 0;
        for (int client = 70_000; client < 100_000; client++) {
            kept += peek(pickers[client % 2], client) == AffinityPicker.NONE ? 0 : 1;
        }
        // Stripes fill unevenly by chance, but the youngest three quarters are safe.
        assertThat(kept).isEqualTo(30_000);
    }

    @Test
    void expiredClientsAreReapedAndOthersStay() {
        AffinityPicker brief = picker(table, OTHER, TTL_NS / 3, backends);
        for (int client = 0; client < 300; client++) {
            pick(client % 3 == 0 ? web : brief, client);
        }
        nowNs += TTL_NS / 3;
        assertThat(table.reap(nowNs)).isEqualTo(200);
        assertThat(table.size()).isEqualTo(100);
        assertThat(table.expired()).isEqualTo(200);
        assertThat(peek(web, 0)).isNotEqualTo(AffinityPicker.NONE);
        nowNs += TTL_NS;
        assertThat(table.reap(nowNs)).isEqualTo(100);
        assertThat(table.size()).isZero();
        pick(web, 1);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void aServicePortCanBeForgotten() {
        AffinityPicker other = picker(table, OTHER, TTL_NS, backends);
        pick(web, 1);
        pick(other, 1);
        table.forget(OTHER);
        assertThat(peek(web, 1)).isNotEqualTo(AffinityPicker.NONE);
        assertThat(peek(other, 1)).isEqualTo(AffinityPicker.NONE);
        assertThat(table.evicted()).isZero();
    }

    private static List<AffinityRecord> export(AffinityTable table, long nowNs) {
        List<AffinityRecord> records = new ArrayList<>();
        table.forEach(nowNs, records::add);
        return records;
    }

    @Test
    void anotherProcessTakesOverAgesAndOrder() {
        pick(web, 1);
        nowNs += TTL_NS / 2;
        int two = pick(web, 2);
        nowNs += TTL_NS / 2 - 1;
        List<AffinityRecord> records = export(table, nowNs);
        assertThat(records)
                .extracting(AffinityRecord::client)
                .containsExactly(IpAddress.ofIpv4(1), IpAddress.ofIpv4(2));

        AffinityTable successor = new AffinityTable(2);
        nowNs = 5; // another clock
        successor.restore(records.reversed(), nowNs);
        AffinityPicker picker = picker(successor, Fixtures.WEB, TTL_NS, backends);
        assertThat(peek(picker, 1)).isNotEqualTo(AffinityPicker.NONE);
        nowNs += 1;
        assertThat(peek(picker, 1)).isEqualTo(AffinityPicker.NONE);
        pick(picker, 3); // drops 1, the oldest
        assertThat(pick(picker, 2)).isEqualTo(two);
    }

    @Test
    void whatHasExpiredOrIsKnownIsNotTakenOver() {
        pick(web, 1);
        pick(web, 2);
        List<AffinityRecord> records = export(table, nowNs);
        AffinityTable successor = new AffinityTable(10);
        AffinityPicker picker = picker(successor, Fixtures.WEB, TTL_NS, backends);
        int other = (pick(web, 1) + 1) % 5;
        assertThat(picker.pickAmong(0, 1, 0, i -> i == other, nowNs)).isEqualTo(other);
        successor.restore(records, nowNs);
        assertThat(pick(picker, 1)).isEqualTo(other);
        nowNs += TTL_NS;
        assertThat(export(table, nowNs)).isEmpty();
    }

    @Test
    void ipv6ClientsAreTakenOverWhole() {
        ServicePortName name =
                new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV6);
        IpAddress client = IpAddress.parse("2001:db8::7");
        int first =
                picker(table, name, TTL_NS, backends).pick(client.high(), client.low(), 0, nowNs);
        assertThat(export(table, nowNs))
                .containsExactly(new AffinityRecord(name, client, backends[first].at(), 0, TTL_NS));
    }
}
