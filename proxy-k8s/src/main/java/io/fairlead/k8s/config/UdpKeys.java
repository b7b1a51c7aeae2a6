package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// What an operator can set of datagrams: the section `udp`.
final class UdpKeys {

    /// As many descriptors as Linux gives a process at most, unless told otherwise (fs.nr_open).
    private static final int MOST_FLOWS = 1_048_576;

    private static final int LAST_PORT = 65_535;

    static final ConfigKey<Duration> UNREPLIED_TIMEOUT =
            key(
                            "udp.unrepliedTimeout",
                            flowTimeout("30s"),
                            o -> o.udp().unrepliedTimeout(),
                            (d, v) -> d.udp = d.udp.withTimeouts(v, d.udp.repliedTimeout()))
                    .says(
                            "How long a flow of datagrams keeps its backend after the last one,"
                                    + " while the backend has not answered.")
                    .live();

    static final ConfigKey<Duration> REPLIED_TIMEOUT =
            key(
                            "udp.repliedTimeout",
                            flowTimeout("2m"),
                            o -> o.udp().repliedTimeout(),
                            (d, v) -> d.udp = d.udp.withTimeouts(d.udp.unrepliedTimeout(), v))
                    .says("The same once it has answered.")
                    .live();

    static final ConfigKey<Integer> MAX_FLOWS =
            key(
                            "udp.maxFlows",
                            ValueForm.count(1, MOST_FLOWS),
                            o -> o.udp().maxFlows(),
                            (d, v) -> d.udp = d.udp.withLimits(v, d.udp.maxFlowsPerClient()))
                    .says(
                            "Flows of datagrams at once, each of which takes a descriptor; not more"
                                    + " than half of what the process may have. One too many ends"
                                    + " the one that was silent longest.")
                    .live();

    static final ConfigKey<Integer> MAX_FLOWS_PER_CLIENT =
            key(
                            "udp.maxFlowsPerClient",
                            ValueForm.count(1, MOST_FLOWS),
                            o -> o.udp().maxFlowsPerClient(),
                            (d, v) -> d.udp = d.udp.withLimits(d.udp.maxFlows(), v))
                    .says("Those of one client address; one too many ends one of its own.")
                    .live();

    static final ConfigKey<List<Integer>> ONE_REPLY_PORTS =
            key(
                            "udp.oneReplyPorts",
                            ValueForm.counts(1, LAST_PORT),
                            o -> o.udp().questionPorts().stream().sorted().toList(),
                            (d, v) -> d.udp = d.udp.withQuestionPorts(Set.copyOf(v)))
                    .says(
                            "Ports of Services where every datagram of a client is a question with"
                                    + " one answer: a flow there ends with the answer to its last"
                                    + " question.")
                    .live();

    static final List<ConfigKey<?>> ALL =
            List.of(
                    UNREPLIED_TIMEOUT,
                    REPLIED_TIMEOUT,
                    MAX_FLOWS,
                    MAX_FLOWS_PER_CLIENT,
                    ONE_REPLY_PORTS);

    private UdpKeys() {}

    private static ValueForm<Duration> flowTimeout(String example) {
        return ValueForm.duration(Duration.ofSeconds(1), Duration.ofHours(24), example);
    }
}
