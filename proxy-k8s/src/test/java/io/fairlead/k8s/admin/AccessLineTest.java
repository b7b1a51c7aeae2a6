package io.fairlead.k8s.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A line of the access log in both forms, whatever names hold.
class AccessLineTest {

    private static final List<String> HOSTILE =
            List.of(
                    "",
                    "a b=c",
                    "quote\"} back\\slash",
                    "two\r\nlines\t\u0000",
                    "\u001b[31mred",
                    "\u009b31mred\u0085\u2028",
                    "snöwman ☃ 𝄞");

    private static String line(String port, AccessLogOptions.Format format) {
        AddressPort client = new AddressPort(IpAddress.ofIpv4(0x0a010203), 40_000);
        FlowView flow =
                new FlowView(
                        Protocol.TCP,
                        client,
                        new AddressPort(IpAddress.ofIpv4(0x0a600001), 80),
                        new ServicePortName("shop", "cart", port, Protocol.TCP, IpFamily.IPV4),
                        new AddressPort(IpAddress.ofIpv4(0x0af40101), 8_080),
                        null,
                        1_234_567_890,
                        100,
                        20_000_000_000L,
                        FlowView.State.OPEN);
        StringBuilder out = new StringBuilder("before\n");
        AccessLine.append(out, new ClosedFlow(flow, FlowEnd.FINISHED, 1_800_000_000_123L), format);
        return out.substring("before\n".length());
    }

    @Test
    void jsonHasEveryFieldInItsOrder() {
        assertThat(line("http", AccessLogOptions.Format.JSON))
                .isEqualTo(
                        "{\"time\":\"2027-01-15T08:00:00.123Z\",\"protocol\":\"TCP\","
                                + "\"client\":\"10.1.2.3:40000\",\"vip\":\"10.96.0.1:80\","
                                + "\"service\":\"shop/cart\",\"port\":\"http\","
                                + "\"backend\":\"10.244.1.1:8080\",\"source\":null,"
                                + "\"seconds\":1.235,\"receivedBytes\":100,"
                                + "\"returnedBytes\":20000000000,\"reason\":\"finished\"}");
    }

    @Test
    void textHasThemAsWords() {
        assertThat(line("http", AccessLogOptions.Format.TEXT))
                .isEqualTo(
                        "2027-01-15T08:00:00.123Z protocol=TCP client=10.1.2.3:40000"
                                + " vip=10.96.0.1:80 service=shop/cart port=http"
                                + " backend=10.244.1.1:8080 source=- seconds=1.235"
                                + " receivedbytes=100 returnedbytes=20000000000 reason=finished");
    }

    @Test
    void anyNameComesBackFromJson() {
        for (String hostile : HOSTILE) {
            String line = line(hostile, AccessLogOptions.Format.JSON);
            JsonNode read = JsonMapper.shared().readTree(line);
            assertThat(read.get("port").stringValue()).isEqualTo(hostile);
            assertThat(read.size()).isEqualTo(12);
            assertThat(line.chars().noneMatch(c -> c < ' ')).isTrue();
        }
    }

    @Test
    void noNameBreaksTextOrReachesTheTerminal() {
        for (String hostile : HOSTILE) {
            String line = line(hostile, AccessLogOptions.Format.TEXT);
            assertThat(line.split(" ", -1)).hasSize(12);
            assertThat(line.chars().filter(c -> c == '=').count()).isEqualTo(11);
            assertThat(line.chars().noneMatch(Character::isISOControl)).isTrue();
        }
    }
}
