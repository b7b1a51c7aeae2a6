package io.fairlead.k8s.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some of the service ports served, sorted by name: `/v1/services`.
///
/// @param total how many match, on all pages
/// @param next what to give as `after` for the next page; null on the last
public record ServicesReport(int total, List<Port> ports, @Nullable String next) {

    /// One service port.
    ///
    /// @param port its name; empty where the Service has but one
    /// @param balance the policy, as annotations call it
    /// @param affinitySeconds null without session affinity
    public record Port(
            String namespace,
            String service,
            String port,
            String protocol,
            String family,
            List<Vip> vips,
            String balance,
            @Nullable Integer affinitySeconds,
            List<ServedTo> servedTo,
            Traffic traffic,
            List<Backend> backends) {}

    /// Where clients arrive.
    ///
    /// @param address `*` for NodePorts
    public record Vip(String kind, String address, int port) {}

    /// A class of clients.
    ///
    /// @param clients `cluster IP`, `external` or `external, from pods and this node`
    /// @param verdict `forward`, `reject` (no endpoint anywhere) or `drop` (none here)
    public record ServedTo(String clients, String verdict, int backends) {}

    /// What was counted since the agent knows the service port.
    public record Traffic(
            long liveFlows,
            long openedFlows,
            long receivedBytes,
            long returnedBytes,
            long connectFailures) {}

    /// One backend.
    ///
    /// @param state `serving`, `ejected` while flows are led round it, `draining` when it gets no
    ///   new flow, or `gone`
    /// @param failures connections in a row that failed, up to now
    /// @param lastFailure why the last that failed did; empty while none has
    public record Backend(
            String address,
            String state,
            long liveFlows,
            long openedFlows,
            int failures,
            String lastFailure) {}
}
