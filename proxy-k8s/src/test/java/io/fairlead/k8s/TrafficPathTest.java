package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.LabService.Destination;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The table of SEMANTICS A5: who reaches which endpoints where, and whom they see.
@ParameterizedClass(name = "{0}")
@MethodSource("settings")
class TrafficPathTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    /// Enough for a round robin to come by each of four endpoints more than once.
    private static final int CONNECTIONS = 10;

    private static final Set<String> ALL = Set.of("b1", "b2", "b3", "b4");
    private static final Set<String> LOCAL = Set.of("b1", "b2");

    /// What tells the agent who is a pod.
    enum Detector {
        CLUSTER_CIDR,
        POD_CIDRS_OF_THE_NODE,
        INTERFACES,
        NONE
    }

    record Setting(CaptureMode capture, Detector detector) {}

    enum From {
        POD,
        NODE,
        OUTSIDE
    }

    enum Policy {
        CLUSTER(11),
        EXTERNAL_LOCAL(12),
        INTERNAL_LOCAL(13);

        final int number;

        Policy(int number) {
            this.number = number;
        }
    }

    record Way(From from, Destination to, Policy policy, IpFamily family) {}

    private final Setting setting;

    TrafficPathTest(Setting setting) {
        this.setting = setting;
    }

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    static Stream<Setting> settings() {
        return Stream.of(CaptureMode.BPF, CaptureMode.LISTENERS)
                .flatMap(c -> Arrays.stream(Detector.values()).map(d -> new Setting(c, d)));
    }

    static Stream<Way> ways() {
        return Arrays.stream(From.values())
                .flatMap(from -> Arrays.stream(Destination.values()).flatMap(to -> ways(from, to)));
    }

    private static Stream<Way> ways(From from, Destination to) {
        return Arrays.stream(Policy.values())
                .flatMap(policy ->
                        Arrays.stream(IpFamily.values())
                                .map(family -> new Way(from, to, policy, family)));
    }

    @BeforeParameterizedClassInvocation
    static void start(Setting setting, @TempDir Path folder) throws Exception {
        for (Host host : List.of(LAB.b1(), LAB.b2(), LAB.b3(), LAB.b4())) {
            OPEN.add(WhoAmI.start(host, LabService.BACKEND_PORT));
        }
        StringBuilder world = new StringBuilder();
        for (Policy policy : Policy.values()) {
            world.append(service(policy).yaml());
        }
        String[] options = {"--balance", "round-robin"};
        switch (setting.detector()) {
            case CLUSTER_CIDR -> {
                options = concat(options, LabAgent.CLUSTER_CIDR);
                world.append(LabAgent.node(LAB.n1()));
            }
            case POD_CIDRS_OF_THE_NODE ->
                    world.append(
                            LabAgent.node(
                                    LAB.n1(),
                                    "podCIDRs: [\"10.244.1.0/24\", \"fd00:10:244:1::/64\"]"));
            case INTERFACES -> {
                options = concat(options, "--pod-interface", "veth-*");
                world.append(LabAgent.node(LAB.n1()));
            }
            case NONE -> {
                world.append(LabAgent.node(LAB.n1()));
                // Endpoints elsewhere see a stranger: their answers must come by this node.
                wayBackByNode1("add");
            }
        }
        OPEN.add(LabAgent.start(LAB, folder, setting.capture(), world.toString(), options));
    }

    private static String[] concat(String[] one, String... other) {
        return Stream.of(one, other).flatMap(Arrays::stream).toArray(String[]::new);
    }

    /// @param verb of `ip route`
    private static void wayBackByNode1(String verb) {
        for (IpFamily family : IpFamily.values()) {
            LAB.n2()
                    .ip(
                            "route %s %s via %s"
                                    .formatted(
                                            verb,
                                            LabAgent.address(LAB.out(), family).getHostAddress(),
                                            LabAgent.address(LAB.n1(), family).getHostAddress()));
        }
    }

    @AfterParameterizedClassInvocation
    static void stop(Setting setting) throws Exception {
        if (setting.detector() == Detector.NONE) {
            wayBackByNode1("del");
        }
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
        OPEN.clear();
    }

    private static LabService service(Policy policy) {
        LabService service =
                LabService.of("web-" + policy.number, policy.number)
                        .on(LAB.b1(), LAB.b2(), LAB.b3(), LAB.b4());
        return switch (policy) {
            case CLUSTER -> service;
            case EXTERNAL_LOCAL ->
                    service.with("externalTrafficPolicy: Local").with("healthCheckNodePort: 32012");
            case INTERNAL_LOCAL -> service.with("internalTrafficPolicy: Local");
        };
    }

    @ParameterizedTest
    @MethodSource("ways")
    void reachesWhatTheTableSaysAndIsSeenAsTheTableSays(Way way) throws Exception {
        Host client =
                switch (way.from()) {
                    case POD -> LAB.p1();
                    case NODE -> LAB.n1();
                    case OUTSIDE -> LAB.out();
                };
        InetSocketAddress to = service(way.policy()).at(way.to(), way.family(), LAB.n1());
        Set<String> reached = new TreeSet<>();
        Set<InetAddress> seen = new HashSet<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Outcome outcome = LabAgent.ask(client, to);
            assertThat(outcome).isInstanceOf(Outcome.Answered.class);
            Outcome.Answered answer = (Outcome.Answered) outcome;
            reached.add(answer.who());
            seen.add(answer.seen());
        }
        assertThat(reached).containsExactlyInAnyOrderElementsOf(endpoints(way));
        assertThat(seen)
                .containsExactly(
                        LabAgent.address(seesClient(way) ? client : LAB.n1(), way.family()));
    }

    private Set<String> endpoints(Way way) {
        if (way.to() == Destination.CLUSTER_IP) {
            return way.policy() == Policy.INTERNAL_LOCAL ? LOCAL : ALL;
        }
        // The detour by which pods and nodes reach every endpoint is for those known as such.
        boolean known = way.from() != From.OUTSIDE && !(way.from() == From.POD && noDetector());
        return way.policy() != Policy.EXTERNAL_LOCAL || known ? ALL : LOCAL;
    }

    private boolean seesClient(Way way) {
        if (way.to() == Destination.CLUSTER_IP) {
            return way.from() == From.POD || noDetector();
        }
        return way.policy() == Policy.EXTERNAL_LOCAL;
    }

    private boolean noDetector() {
        return setting.detector() == Detector.NONE;
    }
}
