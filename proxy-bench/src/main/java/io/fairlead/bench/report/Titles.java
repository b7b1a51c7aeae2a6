package io.fairlead.bench.report;

import java.util.List;
import java.util.Map;

/// What the parts of a report are called, and what they say first.
final class Titles {

    private record Title(String brief, String title, String says) {}

    private static final Map<String, Title> ALL =
            Map.ofEntries(
                    Map.entry(
                            "bulk",
                            new Title(
                                    "bulk",
                                    "Bulk",
                                    "The backend streams to the client as fast as both can; every"
                                            + " stream is checked for lost, doubled or moved bytes.")),
                    Map.entry(
                            "requests",
                            new Title(
                                    "requests",
                                    "Requests and answers",
                                    "On connections that stay; each sends its next request when it"
                                            + " has its answer, and compares every byte.")),
                    Map.entry(
                            "connect",
                            new Title(
                                    "connections",
                                    "Connections",
                                    "Connect, one byte, its echo, close; 32 at once.")),
                    Map.entry(
                            "latency",
                            new Title(
                                    "latency",
                                    "Latency at a fixed rate",
                                    "64 B on 50 connections, sent when due whether or not the peer"
                                            + " keeps up. A latency begins when the request was due, so"
                                            + " that a stall counts for all that waited (coordinated"
                                            + " omission).")),
                    Map.entry(
                            "udp",
                            new Title(
                                    "UDP",
                                    "UDP",
                                    "64 B asked and answered; 8 sockets with 8 questions under way"
                                            + " each, or 8 that are new for every question. Failed is"
                                            + " what had no answer within a second.")),
                    Map.entry(
                            "services",
                            new Title(
                                    "Services",
                                    "Few and many Services",
                                    "Connections through the last of so many Services; every number"
                                            + " in a lab of its own, taking turns.")),
                    Map.entry(
                            "idle",
                            new Title(
                                    "idle",
                                    "Idle connections",
                                    "Memory of the peer's processes (PSS) for connections that"
                                            + " do nothing, and without any. Measured once, on a fresh"
                                            + " process, a JVM after a collection.")),
                    Map.entry(
                            "dead",
                            new Title(
                                    "dead backend",
                                    "A dead backend",
                                    "One backend of four refuses connections, and nobody has told"
                                            + " the peers: no health checks.")),
                    Map.entry(
                            "churn",
                            new Title(
                                    "churn",
                                    "Endpoints that come and go",
                                    "Connections per second while the endpoints of ten Services"
                                            + " change, against none that do.")),
                    Map.entry(
                            "observe",
                            new Title(
                                    "observed",
                                    "Being looked into",
                                    "Everything on: a line in a file for every flow, series of"
                                            + " service ports and of backends, and each second a"
                                            + " scrape of /metrics, a client of the admin socket that"
                                            + " asks for flows and Services, and what an open admin"
                                            + " page asks. Nothing on: no access log, no server of"
                                            + " metrics, health or pages; the counters of the event"
                                            + " loops stay, for nothing switches them off. Agents of"
                                            + " their own, in turns; what the two with nothing on"
                                            + " differ by is chance. Those who look run on the same"
                                            + " CPUs.")));

    private Titles() {}

    /// The parts that a run has, in its order.
    static List<String> scenarios(Run run) {
        return run.cells().stream().map(Cell::scenario).distinct().toList();
    }

    static String brief(String scenario) {
        return of(scenario).brief();
    }

    static String title(String scenario) {
        return of(scenario).title();
    }

    static String says(String scenario) {
        return of(scenario).says();
    }

    private static Title of(String scenario) {
        Title title = ALL.get(scenario);
        return title == null ? new Title(scenario, scenario, "") : title;
    }
}
