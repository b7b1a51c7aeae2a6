package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An agent that may not do everything, or whose node lacks something: it serves in a lesser mode
/// that it names, or ends with one line (docs/capture.md, "What may be missing").
class PrivilegesTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final List<String> NO_NET_ADMIN = without("-net_admin");
    private static final List<String> NO_BPF = without("-bpf,-sys_admin");
    private static final List<String> NO_NET_RAW = without("-net_raw");
    private static final List<String> NO_NFT = withoutProgram("nft");
    private static final List<String> NO_IP = withoutProgram("ip");

    private static WhoAmI backend;

    @TempDir private Path temporary;
    private NodeFixture node;

    /// @param under takes something away
    /// @param capture as asked for
    /// @param says what the line has, of the start or of the end
    record Row(String name, List<String> under, String capture, String says) {
        @Override
        public String toString() {
            return name + ", --capture " + capture;
        }
    }

    private static List<String> without(String capabilities) {
        return List.of("setpriv", "--bounding-set", capabilities, "--inh-caps", capabilities, "--");
    }

    /// Where it should be lies a file that cannot be run, for this process and its children.
    private static List<String> withoutProgram(String program) {
        return inMounts(
                "for f in /usr/sbin/%1$s /usr/bin/%1$s /sbin/%1$s /bin/%1$s; do ! [ -x $f ] || mount --bind /dev/null $(readlink -f $f); done"
                        .formatted(program));
    }

    private static List<String> inMounts(String script) {
        return List.of("unshare", "--mount", "sh", "-e", "-c", script + "; exec \"$@\"", "sh");
    }

    static Stream<Row> lesserModes() {
        return Stream.of(
                new Row(
                        "no CAP_BPF",
                        NO_BPF,
                        "auto",
                        "capture listeners (capture by bpf needs the capability CAP_BPF, which is"
                                + " missing): one on each VIP, on local routes; backends see the"
                                + " client's address, IPv4 and IPv6"),
                new Row(
                        "no CAP_NET_RAW",
                        NO_NET_RAW,
                        "auto",
                        "capture bpf (the kernel allows it): sk_lookup, "),
                new Row(
                        "no CAP_NET_RAW",
                        NO_NET_RAW,
                        "auto",
                        "; backends see the client's address, IPv4 and IPv6; UDP clients are not told"
                                + " when a backend refuses, for CAP_NET_RAW is missing"),
                new Row(
                        "no nft",
                        NO_NFT,
                        "auto",
                        "; backends see this node's address: the program nft is not installed;"
                                + " install the package nftables"),
                new Row(
                        "no nft",
                        NO_NFT,
                        "listeners",
                        "; backends see this node's address: the program nft is not installed;"
                                + " install the package nftables"));
    }

    @ParameterizedTest
    @MethodSource("lesserModes")
    void servesInALesserModeThatIsNamed(Row row) throws Exception {
        try (AgentProcess agent = node.agent("run", row.under(), "--capture", row.capture())) {
            assertThat(agent.awaitLine(line -> line.contains(" serves "))).contains(row.says());
            node.assertServed(LAB.p1(), "10.96.0.10", null);
            node.assertServed(LAB.p1(), "fd00:10:96::10", null);
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
        }
    }

    static Stream<Row> ownAddressesOnly() {
        return Stream.of(
                new Row(
                        "no CAP_NET_ADMIN",
                        NO_NET_ADMIN,
                        "auto",
                        "capture loopback (capture by listeners needs the capability CAP_NET_ADMIN,"
                                + " which is missing): a listener on each VIP of this machine's"
                                + " addresses; backends see this machine's address"),
                new Row(
                        "no ip",
                        NO_IP,
                        "auto",
                        "capture loopback (capture by listeners needs the program ip (package"
                                + " iproute2), which is missing)"));
    }

    @ParameterizedTest
    @MethodSource("ownAddressesOnly")
    void servesAtTheMachinesOwnAddressesAndNamesTheRest(Row row) throws Exception {
        try (AgentProcess agent = node.agent("run", row.under(), "--capture", row.capture())) {
            assertThat(agent.awaitLine(line -> line.contains("10.96.0.10")))
                    .contains("not an address of this machine");
            assertThat(agent.awaitLine(line -> line.contains(" serves "))).contains(row.says());
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
        }
    }

    static Stream<Row> ends() {
        List<Row> rows = new ArrayList<>();
        for (String way : List.of("bpf", "listeners")) {
            rows.add(
                    new Row(
                            "no CAP_NET_ADMIN",
                            NO_NET_ADMIN,
                            way,
                            "capture by "
                                    + way
                                    + " needs the capability CAP_NET_ADMIN, which is missing"));
            rows.add(
                    new Row(
                            "no ip",
                            NO_IP,
                            way,
                            "capture by "
                                    + way
                                    + " needs the program ip (package iproute2), which is"
                                    + " missing"));
        }
        rows.add(
                new Row(
                        "no CAP_BPF",
                        NO_BPF,
                        "bpf",
                        "capture by bpf needs the capability CAP_BPF, which is missing"));
        return rows.stream();
    }

    @ParameterizedTest
    @MethodSource("ends")
    void aWayThatIsAskedForAndCannotWorkEndsTheStart(Row row) throws Exception {
        String before = node.kernel();
        try (AgentProcess agent = node.agent("run", row.under(), "--capture", row.capture())) {
            assertThat(agent.exitCode()).isOne();
            assertThat(agent.output()).containsExactly("fairlead: " + row.says());
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "listeners"})
    void withIpv6OffIpv4IsServedAndTheStartSaysSo(String capture) throws Exception {
        try (Lab lab = Lab.open();
                WhoAmI _ = WhoAmI.start(lab.b1(), NodeFixture.BACKEND_PORT)) {
            for (String which : List.of("all", "default")) {
                lab.n1().netns().sysctl("net/ipv6/conf/" + which + "/disable_ipv6", "1");
            }
            NodeFixture here = NodeFixture.in(lab, temporary.resolve("no-ipv6"));
            String before = here.kernel();
            try (AgentProcess agent = here.agent("--capture", capture)) {
                assertThat(agent.awaitLine(line -> line.contains(" serves ")))
                        .contains("backends see the client's address in IPv4, not in IPv6: ");
                here.assertServed(lab.p1(), "10.96.0.10", lab.p1().ipv4());
                agent.terminate();
                assertThat(agent.exitCode()).isZero();
            }
            assertThat(here.kernel()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpf", "listeners"})
    void nftThatIsRemovedMeanwhileIsNamedAtTheEndAndCleanupFinishes(String capture)
            throws Exception {
        String before = node.kernel();
        try (AgentProcess agent = node.agent("run", inMounts(":"), "--capture", capture)) {
            agent.awaitServing();
            inMountsOf(agent, "mount --bind /dev/null $(readlink -f $(command -v nft))");
            node.assertServed();
            agent.terminate();
            assertThat(agent.exitCode()).isOne();
            assertThat(agent.output())
                    .anySatisfy(line ->
                            assertThat(line)
                                    .contains(
                                            "left: nft table inet fairlead is left, for the program"
                                                    + " nft (package nftables) is gone; install it"
                                                    + " again, then run 'fairlead cleanup'"));
        }
        try (AgentProcess cleanup = AgentProcess.runOn(LAB.n1(), "cleanup")) {
            assertThat(cleanup.exitCode()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    private static void inMountsOf(AgentProcess agent, String script) throws Exception {
        Process process =
                new ProcessBuilder(
                                "nsenter",
                                "--mount",
                                "--target",
                                Long.toString(agent.pid()),
                                "sh",
                                "-e",
                                "-c",
                                script)
                        .inheritIO()
                        .start();
        assertThat(process.waitFor()).isZero();
    }

    /// As on a kernel without CONFIG_NF_TABLES_BRIDGE.
    @Test
    void whereNftKnowsNoBridgesNeighboursSeeTheNodeAndItIsSaid() throws Exception {
        Path programs = Files.createDirectory(temporary.resolve("programs"));
        Path nft = programs.resolve("nft");
        Files.writeString(
                nft,
                """
                #!/bin/sh
                case "$1" in
                -f) s=$(cat)
                    case "$s" in *"table bridge"*)
                      echo "Error: Could not process rule: Operation not supported" >&2; exit 1 ;;
                    esac
                    echo "$s" | exec /usr/sbin/nft "$@" ;;
                *) exec /usr/sbin/nft "$@" ;;
                esac
                """);
        Files.setPosixFilePermissions(nft, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Lab lab = Lab.open(Lab.Part.BRIDGE);
                WhoAmI _ = WhoAmI.start(lab.host("br2"), NodeFixture.BACKEND_PORT)) {
            NodeFixture here = NodeFixture.in(lab, temporary.resolve("bridge"));
            Files.writeString(
                    here.folder().resolve("manifests/near.yaml"),
                    World.service("near", "10.96.0.20", 80, "")
                            + World.slice(
                                    "near",
                                    lab.host("br2").ipv4().getHostAddress(),
                                    NodeFixture.BACKEND_PORT));
            try (AgentProcess agent =
                    here.agent(
                            "run",
                            List.of("env", "PATH=" + programs + ":" + System.getenv("PATH")))) {
                agent.awaitServing();
                assertThat(agent.output())
                        .anySatisfy(line ->
                                assertThat(line)
                                        .contains(
                                                "pods on one bridge see this node's address of each"
                                                        + " other, cni0: nft: Could not process rule:"
                                                        + " Operation not supported"));
                assertThat(here.ask(lab.host("br1"), "10.96.0.20"))
                        .isInstanceOfSatisfying(
                                Outcome.Answered.class,
                                a -> assertThat(a.seen()).isNotEqualTo(lab.host("br1").ipv4()));
                assertThat(here.ask(lab.p1(), "10.96.0.20"))
                        .isInstanceOfSatisfying(
                                Outcome.Answered.class,
                                a -> assertThat(a.seen()).isEqualTo(lab.p1().ipv4()));
            }
        }
    }

    /// As the start script of the distribution has it.
    @Test
    void withAReadOnlyTmpTheNativeLibraryOfTheDistributionIsUsed() throws Exception {
        Path libraries = Files.createDirectory(temporary.resolve("native"));
        String name =
                "libnetty_transport_native_epoll_"
                        + (System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64")
                        + ".so";
        try (InputStream library =
                PrivilegesTest.class.getResourceAsStream("/META-INF/native/" + name)) {
            assertThat(library).isNotNull();
            Files.copy(library, libraries.resolve(name));
        }
        try (AgentProcess agent =
                node.agent(
                        "run", readOnlyTmp("JDK_JAVA_OPTIONS=-Djava.library.path=" + libraries))) {
            agent.awaitServing();
            node.assertServed();
        }
    }

    @Test
    void withAReadOnlyTmpAndNoLibraryTheStartEndsWithOneLine() throws Exception {
        try (AgentProcess agent = node.agent("run", readOnlyTmp("NOTHING=1"))) {
            assertThat(agent.exitCode()).isOne();
            assertThat(agent.output())
                    .singleElement()
                    .asString()
                    .startsWith("fairlead: native epoll is not available (")
                    .contains("java.io.tmpdir", "-Djava.library.path");
        }
    }

    /// The run directory stays as it is.
    private List<String> readOnlyTmp(String environment) {
        return inMounts(
                "mount --bind %1$s %1$s; mount --rbind /tmp /tmp; mount -o remount,ro,bind /tmp; export %2$s"
                        .formatted(temporary, environment));
    }

    @BeforeAll
    static void startBackend() {
        backend = WhoAmI.start(LAB.b1(), NodeFixture.BACKEND_PORT);
    }

    @BeforeEach
    void start() throws Exception {
        node = NodeFixture.in(LAB, temporary);
    }

    @AfterAll
    static void stopBackend() {
        backend.close();
    }
}
