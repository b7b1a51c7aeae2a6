package io.fairlead.core.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClosedFlowsTest {

    private static final ServicePortName WEB =
            new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);
    private static final AddressPort SOMEWHERE = new AddressPort(IpAddress.parse("192.0.2.1"), 80);
    private static final ClosedFlow FLOW =
            new ClosedFlow(
                    new FlowView(
                            Protocol.TCP,
                            SOMEWHERE,
                            SOMEWHERE,
                            WEB,
                            SOMEWHERE,
                            null,
                            0,
                            0,
                            0,
                            FlowView.State.OPEN),
                    FlowEnd.FINISHED,
                    0);

    private final ClosedFlows flows = new ClosedFlows();

    @Test
    void nobodyWantsAnyUntilSomebodyDoes() {
        assertThat(flows.wants(WEB)).isFalse();
        flows.want(new ClosedFlows.Wanted(1, Set.of(), Set.of()));
        assertThat(flows.wants(WEB)).isTrue();
        flows.want(new ClosedFlows.Wanted(0, Set.of(), Set.of()));
        assertThat(flows.wants(WEB)).isFalse();
        flows.want(new ClosedFlows.Wanted(0, Set.of("default/web"), Set.of()));
        assertThat(flows.wants(WEB)).isTrue();
        flows.want(new ClosedFlows.Wanted(1, Set.of(), Set.of("default/web")));
        assertThat(flows.wants(WEB)).isFalse();
    }

    @Test
    void whatFindsNoRoomIsDroppedAndCounted() {
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            flows.offer(FLOW);
        }
        while (flows.poll() != null) {
            taken++;
        }
        assertThat(flows.dropped()).isPositive();
        assertThat(taken + flows.dropped()).isEqualTo(20_000);
        flows.offer(FLOW);
        assertThat(flows.poll()).isSameAs(FLOW);
    }
}
