package io.fairlead.k8s.status;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.HealthCheckNodePort;
import io.fairlead.k8s.sync.Applied;
import io.fairlead.k8s.watch.EventQueue;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.json.JsonMapper;

/// The ports at which load balancers ask whether this node has endpoints of a Service (SEMANTICS
/// A12a), open as what is served asks for.
///
/// Changed by the status thread alone.
final class ServiceHealthPorts implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    /// A Service and one place at which it is asked for.
    private record Key(ObjectName service, AddressPort at) implements Comparable<Key> {

        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::service).thenComparing(Key::at);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /// One such place; what it counts changes while it stays open.
    private static final class Asked {
        private final HttpPort port;
        private volatile int localEndpoints; // by the status thread; read for each answer
        private boolean failed; // of the status thread

        Asked(Key key, BooleanSupplier proxyHealthy, InheritedPorts inherited) {
            this.port =
                    new HttpPort(
                            new BindAddress(key.at().address(), key.at().port()).toSocketAddress(),
                            _ -> answer(key.service(), localEndpoints, proxyHealthy),
                            inherited);
        }
    }

    private final BooleanSupplier proxyHealthy;
    private final EventQueue events;
    private final InheritedPorts inherited;
    private final Map<Key, Asked> ports = new TreeMap<>();

    ServiceHealthPorts(BooleanSupplier proxyHealthy, EventQueue events, InheritedPorts inherited) {
        this.inherited = inherited;
        this.proxyHealthy = proxyHealthy;
        this.events = events;
    }

    /// Opens and closes until exactly what `applied` asks for is open; the rest is left alone.
    ///
    /// @return what cannot be opened; to be tried again
    List<Problem> follow(Applied applied) {
        Map<Key, Integer> wanted = wanted(applied);
        Iterator<Map.Entry<Key, Asked>> open = ports.entrySet().iterator();
        while (open.hasNext()) {
            Map.Entry<Key, Asked> entry = open.next();
            if (!wanted.containsKey(entry.getKey())) {
                entry.getValue().port.close();
                open.remove();
            }
        }
        List<Problem> problems = new ArrayList<>();
        wanted.forEach((key, count) -> {
            Asked asked = ports.computeIfAbsent(key, k -> new Asked(k, proxyHealthy, inherited));
            asked.localEndpoints = count;
            open(key, asked, problems);
        });
        return problems;
    }

    private static Map<Key, Integer> wanted(Applied applied) {
        Map<Key, Integer> wanted = new TreeMap<>();
        for (HealthCheckNodePort check : applied.view().healthChecks()) {
            for (IpAddress address : applied.nodeAddresses()) {
                if (address.family() == check.family()) {
                    AddressPort at = new AddressPort(address, check.port());
                    wanted.put(new Key(check.service(), at), check.localEndpoints());
                }
            }
        }
        return wanted;
    }

    private void open(Key key, Asked asked, List<Problem> problems) {
        ObjectKey service = new ObjectKey(ObjectKey.Kind.SERVICE, key.service());
        try {
            asked.port.open();
            asked.failed = false;
        } catch (IOException e) {
            if (!asked.failed) {
                asked.failed = true;
                events.offer(
                        ClusterEvent.warning(
                                service,
                                "FailedToStartServiceHealthcheck",
                                "Listen",
                                "node healthcheck port "
                                        + key.at()
                                        + " cannot be listened on: "
                                        + e.getMessage()));
            }
            problems.add(
                    Problem.of(
                            service,
                            "spec.healthCheckNodePort",
                            key.at()
                                    + " cannot be listened on ("
                                    + e.getMessage()
                                    + "); load balancers get no answer there, it is tried again"
                                    + " every few seconds"));
        }
    }

    private static HttpReply answer(
            ObjectName service, int localEndpoints, BooleanSupplier proxyHealthy) {
        boolean healthy = proxyHealthy.getAsBoolean();
        String body =
                """
                {
                \t"service": {
                \t\t"namespace": %s,
                \t\t"name": %s
                \t},
                \t"localEndpoints": %d,
                \t"serviceProxyHealthy": %b
                }\
                """
                        .formatted(
                                JSON.writeValueAsString(service.namespace()),
                                JSON.writeValueAsString(service.name()),
                                localEndpoints,
                                healthy);
        int code = healthy && localEndpoints > 0 ? HttpReply.OK : HttpReply.UNAVAILABLE;
        return new HttpReply(
                code,
                "application/json",
                body,
                Map.of("X-Load-Balancing-Endpoint-Weight", Integer.toString(localEndpoints)));
    }

    /// Where they listen.
    List<InetSocketAddress> addresses() {
        return ports.values().stream()
                .filter(asked -> asked.port.isOpen())
                .map(asked -> asked.port.address())
                .toList();
    }

    @Override
    public void close() {
        ports.values().forEach(asked -> asked.port.close());
        ports.clear();
    }
}
