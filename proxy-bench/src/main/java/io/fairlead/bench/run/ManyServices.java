package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.run.OpenCell.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Connections a second through the last of 10 and of many Services, of those peers that know
/// Services; every number in a lab of its own, so that they can take turns.
final class ManyServices {

    private static final Set<String> PEERS = Set.of("dnat", "fairlead");

    private ManyServices() {}

    static void run(Bench bench) throws Exception {
        List<Site> sites = new ArrayList<>();
        try {
            List<Shot> shots = new ArrayList<>();
            for (int services : bench.scale().services()) {
                OpenCell cell =
                        new OpenCell(
                                "services-" + services,
                                Scenario.SERVICES.id(),
                                "%,d Services".formatted(services),
                                Measure.CONNECTIONS);
                for (Peer peer : bench.peers()) {
                    if (PEERS.contains(peer.id())) {
                        Site site = bench.open(peer, new Layout(1, 0, services));
                        sites.add(site);
                        shots.add(
                                new Shot(
                                        cell,
                                        site,
                                        site.load(Kind.CONNECT, Layout.BRIEF, services - 1)
                                                .connections(Scenario.CONNECTING)));
                    }
                }
            }
            bench.measure(shots);
        } finally {
            sites.forEach(Site::close);
        }
    }
}
