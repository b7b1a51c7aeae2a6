package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.core.service.Balancing;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.transport.Transport;
import io.fairlead.k8s.AgentOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.Level;

/// The keys without a section: which node this is, and how its agent works.
final class NodeKeys {

    /// Beyond it threads only take turns; a wrong unit is more likely.
    private static final int MAX_THREADS = 1024;

    static final ConfigKey<String> NODE_NAME =
            key(
                            "nodeName",
                            ValueForm.name("a name"),
                            AgentOptions::nodeName,
                            (d, v) -> d.nodeName = v)
                    .says("Name of this node's Node object.")
                    .otherwise("the host's name")
                    .option("NAME", "--node-name", "--hostname-override");

    static final ConfigKey<Path> RUN_DIR =
            key("runDir", ValueForm.path("a folder"), AgentOptions::runDir, (d, v) -> d.runDir = v)
                    .says("Folder that one agent owns.")
                    .otherwise("/run/fairlead, or one's own")
                    .option("DIR", "--run-dir");

    static final ConfigKey<Integer> THREADS =
            key(
                            "threads",
                            ValueForm.count(1, MAX_THREADS),
                            AgentOptions::threads,
                            (d, v) -> d.threads = v)
                    .says("Event loops.")
                    .otherwise("one for each processor")
                    .option("N", "--threads");

    static final ConfigKey<Transport> TRANSPORT =
            key(
                            "transport",
                            ValueForm.choice(Arrays.asList(Transport.values()), Transport::word),
                            o -> o.loops().transport(),
                            (d, v) -> d.loops = d.loops.withTransport(v))
                    .says(
                            "What event loops hear from of sockets; epoll where the kernel or a"
                                    + " filter of system calls refuses io_uring, which the start"
                                    + " says.")
                    .option("NAME", "--transport");

    static final ConfigKey<Integer> SPIN_MICROS =
            key(
                            "spinMicros",
                            ValueForm.count(0, LoopOptions.MAX_SPIN_MICROS),
                            o -> o.loops().spinMicros(),
                            (d, v) -> d.loops = d.loops.withSpinMicros(v))
                    .says(
                            "Microseconds for which an event loop without work looks for it before"
                                    + " it sleeps: answers come sooner, at the cost of processors"
                                    + " that are idle otherwise. It does so only while that finds"
                                    + " work and they are idle; 0 for not at all.")
                    .option("N", "--spin-micros");

    static final ConfigKey<Level> LOG_LEVEL =
            key(
                            "logLevel",
                            ValueForm.choice(
                                    Arrays.asList(Level.values()),
                                    l -> l.toString().toLowerCase(Locale.ROOT)),
                            AgentOptions::logLevel,
                            (d, v) -> d.logLevel = v)
                    .says(
                            "What is logged, and what is graver. FAIRLEAD_LOG of the environment"
                                    + " stands above the file.")
                    .live();

    static final ConfigKey<Balancing.Policy> BALANCE =
            key(
                            "balance",
                            ValueForm.choice(
                                    Arrays.asList(Balancing.Policy.values()),
                                    Balancing.Policy::word),
                            AgentOptions::balance,
                            (d, v) -> d.balance = v)
                    .says(
                            "How Services choose a backend that have no fairlead.io/balance"
                                    + " annotation.")
                    .live()
                    .option("POLICY", "--balance");

    static final ConfigKey<String> SERVICE_PROXY_NAME =
            key(
                            "serviceProxyName",
                            ValueForm.name("a label value"),
                            AgentOptions::serviceProxyName,
                            (d, v) -> d.serviceProxyName = v)
                    .says(
                            "Serve exactly the Services whose label"
                                    + " service.kubernetes.io/service-proxy-name has this value.")
                    .otherwise("those without the label")
                    .option("NAME", "--service-proxy-name");

    static final List<ConfigKey<?>> ALL =
            List.of(
                    NODE_NAME,
                    RUN_DIR,
                    THREADS,
                    TRANSPORT,
                    SPIN_MICROS,
                    LOG_LEVEL,
                    BALANCE,
                    SERVICE_PROXY_NAME);

    private NodeKeys() {}
}
