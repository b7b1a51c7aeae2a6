package io.fairlead.k8s;

import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.udp.UdpOptions;
import io.fairlead.k8s.admin.AccessLogOptions;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.sync.SyncOptions;
import io.fairlead.k8s.watch.WatchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// What an agent is started with.
///
/// A further option is a component here and a field of [Draft], or better one of the records that
/// group them by concern.
///
/// @param source where the objects to serve come from
/// @param nodeName the node to be; trimmed and in lower case (SEMANTICS A1.6)
/// @param runDir folder that one agent owns
/// @param balance the policy of Services that name none
/// @param threads event loops
/// @param serviceProxyName serve exactly the Services with this service-proxy-name label; null for
///   those without the label
/// @param logLevel what the program logs, and what is graver
/// @param capture how clients reach the VIPs
/// @param status the health and metrics servers
/// @param sync when changes are applied
/// @param watch how much the API server is believed
/// @param udp how long flows of datagrams last, and how many there may be
/// @param flows how flows live
/// @param connect how long endpoints have to answer, and how many others are tried
/// @param ejection when flows are led round an endpoint that cannot be connected to
/// @param accessLog what is written of connections that end
/// @param loops how event loops wait
public record AgentOptions(
        SourceOptions source,
        String nodeName,
        Path runDir,
        Balancing.Policy balance,
        int threads,
        @Nullable String serviceProxyName,
        Level logLevel,
        CaptureOptions capture,
        StatusOptions status,
        SyncOptions sync,
        WatchOptions watch,
        UdpOptions udp,
        FlowOptions flows,
        ConnectOptions connect,
        EjectionRule ejection,
        AccessLogOptions accessLog,
        LoopOptions loops) {

    /// Some options while they are being changed. One owner; not safe for threads.
    public static final class Draft {
        public SourceOptions source = SourceOptions.IN_CLUSTER;
        public String nodeName = hostName();
        public Path runDir = RunDir.defaultPath();
        public Balancing.Policy balance = Balancing.DEFAULT.policy();
        public int threads = Runtime.getRuntime().availableProcessors();
        public @Nullable String serviceProxyName;
        public Level logLevel = Level.INFO;
        public CaptureOptions capture = CaptureOptions.DEFAULT;
        public StatusOptions status = StatusOptions.DEFAULT;
        public Duration syncMinInterval = SyncOptions.DEFAULT.minInterval();
        public Duration syncFullPeriod = SyncOptions.DEFAULT.fullPeriod();
        public Duration syncRetry = SyncOptions.DEFAULT.retry();
        public WatchOptions watch = WatchOptions.DEFAULT;
        public UdpOptions udp = UdpOptions.DEFAULT;
        public FlowOptions flows = FlowOptions.DEFAULT;
        public Duration connectTimeout = ConnectOptions.DEFAULT.timeout();
        public int connectRetries = ConnectOptions.DEFAULT.retries();
        public int ejectAfter = EjectionRule.DEFAULT.failures();
        public Duration ejectTime = EjectionRule.DEFAULT.baseTime();
        public Duration ejectTimeMax = EjectionRule.DEFAULT.maxTime();
        public AccessLogOptions accessLog = AccessLogOptions.DEFAULT;
        public LoopOptions loops = LoopOptions.DEFAULT;

        private Draft() {}

        private Draft(AgentOptions from) {
            source = from.source;
            nodeName = from.nodeName;
            runDir = from.runDir;
            balance = from.balance;
            threads = from.threads;
            serviceProxyName = from.serviceProxyName;
            logLevel = from.logLevel;
            capture = from.capture;
            status = from.status;
            syncMinInterval = from.sync.minInterval();
            syncFullPeriod = from.sync.fullPeriod();
            syncRetry = from.sync.retry();
            watch = from.watch;
            udp = from.udp;
            flows = from.flows;
            connectTimeout = from.connect.timeout();
            connectRetries = from.connect.retries();
            ejectAfter = from.ejection.failures();
            ejectTime = from.ejection.baseTime();
            ejectTimeMax = from.ejection.maxTime();
            accessLog = from.accessLog;
            loops = from.loops;
        }

        private AgentOptions options() {
            return new AgentOptions(
                    source,
                    nodeName,
                    runDir,
                    balance,
                    threads,
                    serviceProxyName,
                    logLevel,
                    capture,
                    status,
                    new SyncOptions(syncMinInterval, syncFullPeriod, syncRetry),
                    watch,
                    udp,
                    flows,
                    new ConnectOptions(connectTimeout, connectRetries),
                    new EjectionRule(ejectAfter, ejectTime, ejectTimeMax),
                    accessLog,
                    loops);
        }
    }

    /// What is served in a pod when nothing is said: least connections, one event loop for each
    /// processor.
    public static final AgentOptions DEFAULT = new Draft().options();

    public AgentOptions {
        nodeName = nodeName.strip().toLowerCase(Locale.ROOT);
        if (nodeName.isEmpty()) {
            throw new IllegalArgumentException("the node name is empty");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " is not at least 1");
        }
    }

    /// The defaults for a folder of manifests.
    public static AgentOptions of(Path manifests, String nodeName) {
        return DEFAULT.with(d -> {
            d.source = d.source.withManifests(manifests);
            d.nodeName = nodeName;
        });
    }

    /// These with some changed.
    ///
    /// @throws IllegalArgumentException where the changed ones contradict each other
    public AgentOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    public AgentOptions withRunDir(Path path) {
        return with(d -> d.runDir = path);
    }

    public AgentOptions withBalance(Balancing.Policy policy) {
        return with(d -> d.balance = policy);
    }

    public AgentOptions withThreads(int count) {
        return with(d -> d.threads = count);
    }

    public AgentOptions withServiceProxyName(@Nullable String name) {
        return with(d -> d.serviceProxyName = name);
    }

    public AgentOptions withCapture(CaptureOptions ways) {
        return with(d -> d.capture = ways);
    }

    public AgentOptions withStatus(StatusOptions servers) {
        return with(d -> d.status = servers);
    }

    public AgentOptions withAccessLog(AccessLogOptions log) {
        return with(d -> d.accessLog = log);
    }

    public AgentOptions withWatch(WatchOptions api) {
        return with(d -> d.watch = api);
    }

    /// As the kernel has it: no name service is asked.
    private static String hostName() {
        try {
            String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            return name.isEmpty() ? "localhost" : name;
        } catch (IOException _) {
            return "localhost";
        }
    }
}
