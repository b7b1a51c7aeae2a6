package io.fairlead.k8s.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.flow.RefusedDials.Refused;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialProblemsTest {

    private static final Refused HEALTH_PORT =
            new Refused(
                    new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4),
                    new AddressPort(IpAddress.parse("192.168.50.1"), 10256),
                    "a port of the agent itself");

    private final DialProblems problems = new DialProblems();

    @Test
    void aRefusedEndpointIsAProblemOfItsServiceWithARemedy() {
        assertThat(problems.onRefused(List.of(HEALTH_PORT), 0)).isTrue();
        assertThat(problems.current())
                .singleElement()
                .hasToString(
                        "Service default/web: endpoint 192.168.50.1:10256: it is a port of the"
                                + " agent itself, and not connected to; give the Service another");
    }

    @Test
    void aProblemStaysForAMinuteAfterTheLastClient() {
        long minute = DialProblems.KEPT.toNanos();
        assertThat(problems.onRefused(List.of(HEALTH_PORT), 0)).isTrue();
        assertThat(problems.onRefused(List.of(HEALTH_PORT), minute - 1)).isFalse();
        assertThat(problems.onRefused(List.of(), 2 * minute - 2)).isFalse();
        assertThat(problems.current()).hasSize(1);
        assertThat(problems.onRefused(List.of(), 2 * minute - 1)).isTrue();
        assertThat(problems.current()).isEmpty();
    }
}
