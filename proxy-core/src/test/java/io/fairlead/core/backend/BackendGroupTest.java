package io.fairlead.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackendGroupTest {

    private static final AddressPort A = new AddressPort(IpAddress.parse("10.0.0.1"), 80);
    private static final AddressPort B = new AddressPort(IpAddress.parse("10.0.0.2"), 80);

    private final BackendGroup group =
            new BackendGroup(
                    new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4));

    @Test
    void aBackendIsTheSameForAsLongAsItIsWanted() {
        Backend a = group.backend(A);
        group.retain(Set.of(A));
        assertThat(group.backend(A)).isSameAs(a);
    }

    @Test
    void aBackendThatComesBackWhileItDrainsKeepsItsCount() {
        Backend a = group.backend(A);
        a.acquire();
        group.retain(Set.of(B));
        assertThat(group.backend(A)).isSameAs(a);
        assertThat(group.backend(A).live()).isOne();
    }

    @Test
    void aBackendThatNobodyWantsIsForgottenWhenItsLastFlowHasEnded() {
        Backend a = group.backend(A);
        a.acquire();
        group.retain(Set.of());
        assertThat(group.backends()).containsExactly(a);
        a.release();
        group.retain(Set.of());
        assertThat(group.backends()).isEmpty();
        assertThat(group.backend(A)).isNotSameAs(a);
    }

    @Test
    void theGroupCountsTheFlowsOfAllItsBackends() {
        Backend a = group.backend(A);
        Backend b = group.backend(B);
        a.acquire();
        a.acquire();
        b.acquire();
        assertThat(group.live()).isEqualTo(3);
        a.release();
        b.release();
        assertThat(group.live()).isOne();
        assertThat(a.live()).isOne();
        assertThat(a.opened()).isEqualTo(2);
        assertThat(b.live()).isZero();
    }
}
