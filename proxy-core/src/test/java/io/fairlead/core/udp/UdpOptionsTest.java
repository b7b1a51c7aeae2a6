package io.fairlead.core.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.kernel.Descriptors;
import org.junit.jupiter.api.Test;

class UdpOptionsTest {

    @Test
    void flowsLeaveHalfOfTheDescriptorsToOthers() {
        UdpOptions few = UdpOptions.DEFAULT.within(1_024);
        assertThat(few.maxFlows()).isEqualTo(512);
        assertThat(few.maxFlowsPerClient()).isEqualTo(512);
        assertThat(UdpOptions.DEFAULT.within(Long.MAX_VALUE)).isEqualTo(UdpOptions.DEFAULT);
        assertThat(UdpOptions.DEFAULT.within(0).maxFlows()).isEqualTo(1);
    }

    @Test
    void loopsShareTheLimits() {
        UdpOptions share = UdpOptions.DEFAULT.withLimits(100, 10).share(4);
        assertThat(share.maxFlows()).isEqualTo(25);
        assertThat(share.maxFlowsPerClient()).isEqualTo(2);
        assertThat(share.share(1_000).maxFlows()).isEqualTo(1);
    }

    @Test
    void theKernelSaysHowManyDescriptorsThereMayBe() {
        assertThat(Descriptors.most()).isGreaterThan(100);
    }
}
