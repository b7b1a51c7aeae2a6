package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.core.service.FlowRules;
import io.fairlead.core.tcp.RelayMode;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.k8s.cluster.FlowSetting;
import java.time.Duration;
import java.util.List;

/// The keys that say how flows live; those of them that a Service may answer for itself have an
/// annotation of the same meaning.
final class FlowKeys {

    /// Ten million: more than a process can have files.
    private static final int MAX_TOTAL = 10_000_000;

    private static final int MIN_AFFINITY = 1_024;

    static final List<ConfigKey<?>> ALL =
            List.of(
                    rule("drain", FlowSetting.DRAIN, seconds(FlowSetting.DRAIN, "1m"))
                            .says(
                                    "How long connections go on with an endpoint that is gone or"
                                            + " terminates, before they are reset; off for as long"
                                            + " as they last."),
                    rule(
                                    "slowStart",
                                    FlowSetting.SLOW_START,
                                    seconds(FlowSetting.SLOW_START, "30s"))
                            .says(
                                    "How long an endpoint that turned ready takes to get its full"
                                            + " share of new connections; not with maglev and"
                                            + " source-hash."),
                    rule(
                                    "maxConnectionAge",
                                    FlowSetting.MAX_AGE,
                                    seconds(FlowSetting.MAX_AGE, "1h"))
                            .says("How old a connection may become before it is reset."),
                    rule("idleTimeout", FlowSetting.IDLE, seconds(FlowSetting.IDLE, "10m"))
                            .says(
                                    "How long a connection may carry nothing in either direction"
                                            + " before it is reset."),
                    rule("maxConnections", FlowSetting.MAX_FLOWS, count(FlowSetting.MAX_FLOWS))
                            .says("Connections that a port of a Service may have here."),
                    rule(
                                    "maxConnectionsPerClient",
                                    FlowSetting.MAX_FLOWS_PER_CLIENT,
                                    count(FlowSetting.MAX_FLOWS_PER_CLIENT))
                            .says(
                                    "Connections that one client address may have to a port of a"
                                            + " Service here."),
                    rule(
                                    "connectionRatePerClient",
                                    FlowSetting.FLOW_RATE_PER_CLIENT,
                                    count(FlowSetting.FLOW_RATE_PER_CLIENT))
                            .says(
                                    "New connections per second that one client address may open to"
                                            + " a port of a Service here, and as many at once."),
                    key(
                                    "flows.total",
                                    ValueForm.count(1, MAX_TOTAL)
                                            .or(FlowSetting.OFF_WORD, TcpOptions.ANY),
                                    o -> o.flows().tcp().maxFlows(),
                                    (d, v) ->
                                            d.flows =
                                                    d.flows.withTcp(d.flows.tcp().withMaxFlows(v)))
                            .says(
                                    "TCP connections that the agent serves at a time; further"
                                            + " clients wait in the kernel's queue. The limit of"
                                            + " open files is a bound as well: two for each"
                                            + " connection."),
                    key(
                                    "flows.descriptorReserve",
                                    ValueForm.count(0, MAX_TOTAL),
                                    o -> o.flows().tcp().descriptorReserve(),
                                    (d, v) ->
                                            d.flows =
                                                    d.flows.withTcp(
                                                            d.flows.tcp().withDescriptorReserve(v)))
                            .says(
                                    "Open files that connections leave to everything else, such as"
                                            + " the API server and health checks."),
                    key(
                                    "flows.keepAlive",
                                    time(Duration.ofHours(2), "2m"),
                                    o -> o.flows().tcp().keepAlive(),
                                    (d, v) ->
                                            d.flows =
                                                    d.flows.withTcp(d.flows.tcp().withKeepAlive(v)))
                            .says(
                                    "How long a connection is quiet before its client and its"
                                            + " backend are asked whether they are there. Who does"
                                            + " not answer for one and a half times that long is"
                                            + " gone."),
                    key(
                                    "flows.userTimeout",
                                    time(Duration.ofHours(2), "15m"),
                                    o -> o.flows().tcp().userTimeout(),
                                    (d, v) ->
                                            d.flows =
                                                    d.flows.withTcp(
                                                            d.flows.tcp().withUserTimeout(v)))
                            .says(
                                    "How long what was sent may stay unacknowledged (TCP_USER_TIMEOUT"
                                            + " of tcp(7)). It ends connections to those who do not"
                                            + " read for that long, too; without it the kernel gives"
                                            + " up on the dead after some 15 minutes."),
                    key(
                                    "flows.affinityClients",
                                    ValueForm.count(MIN_AFFINITY, MAX_TOTAL),
                                    o -> o.flows().affinityClients(),
                                    (d, v) -> d.flows = d.flows.withAffinityClients(v))
                            .says(
                                    "Clients that may stick to their endpoints at a time, by session"
                                            + " affinity; with more, those go that were quiet for"
                                            + " longest. Each takes some 84 bytes."),
                    key(
                                    "flows.relay",
                                    ValueForm.choice(List.of(RelayMode.values()), RelayMode::word),
                                    o -> o.flows().tcp().relay(),
                                    (d, v) -> d.flows = d.flows.withTcp(d.flows.tcp().withRelay(v)))
                            .says(
                                    "How bytes get from a connection's one side to the other:"
                                            + " copied, or by splice(2) through a pipe of the"
                                            + " kernel. adaptive copies small messages and splices"
                                            + " bulk."),
                    key(
                                    "flows.stopDrain",
                                    ValueForm.duration(Duration.ZERO, Duration.ofDays(1), "5m"),
                                    o -> o.flows().stopDrain(),
                                    (d, v) -> d.flows = d.flows.withStopDrain(v))
                            .says(
                                    "How long open connections go on when the agent is told to stop,"
                                            + " before they are reset. Its supervisor must wait for"
                                            + " longer: terminationGracePeriodSeconds,"
                                            + " TimeoutStopSec.")
                            .live());

    private FlowKeys() {}

    private static ConfigKey<Integer> rule(
            String leaf, FlowSetting setting, ValueForm<Integer> form) {
        return key(
                        "flows." + leaf,
                        form,
                        o -> setting.get(o.flows().rules()),
                        (d, v) -> d.flows = d.flows.withRules(setting.set(d.flows.rules(), v)))
                .live();
    }

    private static ValueForm<Integer> seconds(FlowSetting setting, String example) {
        ValueForm<Duration> form =
                ValueForm.duration(
                        Duration.ofSeconds(setting.least()),
                        Duration.ofSeconds(setting.most()),
                        example);
        return ValueForm.text(
                        form.words() + ", in whole seconds",
                        text -> whole(form, text),
                        seconds -> GoDuration.text(Duration.ofSeconds(seconds)))
                .or(FlowSetting.OFF_WORD, FlowRules.OFF);
    }

    /// Of the kernel's timers: in whole seconds, or zero for none.
    private static ValueForm<Duration> time(Duration most, String example) {
        return ValueForm.duration(Duration.ofSeconds(1), most, example)
                .or(FlowSetting.OFF_WORD, Duration.ZERO);
    }

    private static int whole(ValueForm<Duration> form, String text) {
        Duration duration = form.parse().apply(List.of(text));
        int seconds = Math.toIntExact(duration.toSeconds());
        if (!duration.equals(Duration.ofSeconds(seconds))) {
            throw new IllegalArgumentException("not in whole seconds");
        }
        return seconds;
    }

    private static ValueForm<Integer> count(FlowSetting setting) {
        return ValueForm.count(setting.least(), setting.most())
                .or(FlowSetting.OFF_WORD, FlowRules.OFF);
    }
}
