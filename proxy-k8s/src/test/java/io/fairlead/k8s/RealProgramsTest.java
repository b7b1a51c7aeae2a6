package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Programs that people use, through Services of the lab: dig and dnsperf ask dnsmasq, and iperf3
/// measures itself. They come with `.ci/run`.
class RealProgramsTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int DNS_PORT = 8053;
    private static final String DNS = "10.96.0.53";
    private static final String DNS6 = "fd00:10:96::53";
    private static final String IPERF = "10.96.0.52";
    private static final int NAMES = 500;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    @TempDir private Path folder;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        for (Host host : List.of(LAB.b1(), LAB.b2())) {
            run(
                    host,
                    "dnsmasq",
                    "--keep-in-foreground",
                    "--conf-file=/dev/null",
                    "--port=" + DNS_PORT,
                    "--user=root",
                    "--pid-file=",
                    "--no-resolv",
                    "--no-hosts",
                    "--edns-packet-max=4096",
                    "--address=/example.test/192.0.2.7",
                    "--txt-record=who.test," + host.name(),
                    "--txt-record=large.test," + large());
        }
        run(LAB.b1(), "iperf3", "--server", "--port", "5201");
        OPEN.add(
                LabAgent.start(
                        LAB,
                        folder,
                        CaptureMode.BPF,
                        LabAgent.node(LAB.n1())
                                + service("dns", DNS, "UDP", 53, DNS_PORT, b(false))
                                + service("dns6", DNS6, "UDP", 53, DNS_PORT, b(true))
                                + service("iperf-tcp", IPERF, "TCP", 5201, 5201, ipv4(LAB.b1()))
                                + service("iperf", IPERF, "UDP", 5201, 5201, ipv4(LAB.b1())),
                        LabAgent.CLUSTER_CIDR));
        for (Host host : List.of(LAB.b1(), LAB.b2())) {
            World.await(() -> answers(host), "dnsmasq on " + host + " answers");
        }
    }

    /// Texts of 1,600 bytes, which no datagram without EDNS has room for.
    private static String large() {
        return String.join(",", Collections.nCopies(8, "x".repeat(200)));
    }

    private static boolean answers(Host host) {
        try {
            return dig(host, ipv4(host), "-p", "" + DNS_PORT, "a.example.test")
                    .contains("192.0.2.7");
        } catch (IllegalStateException _) {
            return false; // dig ends with 9 where nobody answers
        }
    }

    private static String b(boolean six) {
        return six
                ? LAB.b1().ipv6().getHostAddress() + "\", \"" + LAB.b2().ipv6().getHostAddress()
                : ipv4(LAB.b1()) + "\", \"" + ipv4(LAB.b2());
    }

    private static String ipv4(Host host) {
        return host.ipv4().getHostAddress();
    }

    private static void run(Host host, String... command) throws IOException {
        Process process =
                new ProcessBuilder(host.netns().inside(List.of(command)))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        OPEN.add(() -> {
            process.destroy();
            process.waitFor();
        });
    }

    private static String service(
            String name, String vip, String protocol, int port, int target, String endpoints) {
        boolean six = InetAddress.ofLiteral(vip) instanceof Inet6Address;
        StringBuilder each = new StringBuilder();
        for (String endpoint : endpoints.split("\", \"", -1)) {
            each.append("- {addresses: [\"")
                    .append(endpoint)
                    .append("\"], nodeName: n1, conditions: {ready: true}}\n");
        }
        return """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, namespace: default}
        spec:
          clusterIP: "%2$s"
          clusterIPs: ["%2$s"]
          ipFamilies: [%7$s]
          ports:
          - {name: p, port: %4$d, protocol: %3$s}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: %1$s-1
          namespace: default
          labels: {kubernetes.io/service-name: %1$s}
        addressType: %7$s
        ports:
        - {name: p, port: %5$d, protocol: %3$s}
        endpoints:
        %6$s\
        """
                .formatted(name, vip, protocol, port, target, each, six ? "IPv6" : "IPv4");
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
    }

    /// What dig prints of the answer alone.
    private static String dig(Host client, String server, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of("dig", "@" + server, "+short", "+notcp", "+time=5", "+tries=3"));
        command.addAll(List.of(more));
        return client.exec(command.toArray(String[]::new));
    }

    @Test
    void digIsAnsweredByDnsmasqInBothFamilies() {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (String vip : List.of(DNS, DNS6)) {
                assertThat(dig(client, vip, "host.example.test"))
                        .as("%s asks %s", client, vip)
                        .isEqualTo("192.0.2.7\n");
                assertThat(dig(client, vip, "TXT", "who.test")).containsPattern("b[12]");
            }
        }
    }

    @Test
    void digIsGivenALargeAnswer() {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (String vip : List.of(DNS, DNS6)) {
                assertThat(dig(client, vip, "+ignore", "+bufsize=4096", "TXT", "large.test"))
                        .as("%s asks %s", client, vip)
                        .hasSizeGreaterThan(1_600);
            }
        }
    }

    /// From one socket, and from forty.
    @Test
    void dnsperfLosesNothing() throws IOException {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < NAMES; i++) {
            names.append("n").append(i).append(".example.test A\n");
        }
        String file = Files.writeString(folder.resolve("names"), names).toString();
        for (Host client : List.of(LAB.p1(), LAB.n1())) {
            for (String clients : List.of("1", "40")) {
                String report =
                        client.exec(
                                "dnsperf", "-s", DNS, "-d", file, "-n", "2", "-c", clients, "-q",
                                "20", "-t", "20");
                assertThat(number(report, "Queries completed: +(\\d+)"))
                        .as("%s with %s sockets: %s", client, clients, report)
                        .isEqualTo(2L * NAMES);
                assertThat(number(report, "Queries lost: +(\\d+)")).isZero();
                assertThat(report).contains("NOERROR " + 2 * NAMES + " (100.00%)");
            }
        }
    }

    @Test
    void iperf3MeasuresDatagrams() {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            String report =
                    client.exec(
                            "iperf3",
                            "--client",
                            IPERF,
                            "--port",
                            "5201",
                            "--udp",
                            "--bitrate",
                            "16M",
                            "--bytes",
                            "1M",
                            "--length",
                            "1400",
                            "--json");
            String sum = report.substring(report.lastIndexOf("\"sum\""));
            long packets = number(sum, "\"packets\":\\s*(\\d+)");
            assertThat(packets).as("%s: %s", client, sum).isGreaterThan(500);
            assertThat(number(sum, "\"lost_packets\":\\s*(\\d+)"))
                    .as("%s: %s", client, sum)
                    .isLessThan(packets / 2);
        }
    }

    private static long number(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
        return Long.parseLong(found.group(1));
    }
}
