package io.fairlead.bench.report;

import io.fairlead.bench.report.Run.PeerInfo;
import java.util.List;
import java.util.stream.Collectors;

/// All medians of a run in one table: a row for each cell, a column for each peer.
final class ShortTable {

    private ShortTable() {}

    /// As Markdown.
    static String of(Run run) {
        List<PeerInfo> peers =
                run.peers().stream()
                        .filter(peer ->
                                run.cells().stream()
                                        .anyMatch(cell -> cell.of(peer.id()).isPresent()))
                        .toList();
        StringBuilder table = new StringBuilder("| |");
        peers.forEach(peer -> table.append(' ').append(peer.name()).append(" |"));
        table.append("\n|---").append("|---:".repeat(peers.size())).append("|\n");
        run.cells().forEach(cell -> table.append(row(cell, peers)));
        return table.toString();
    }

    private static String row(Cell cell, List<PeerInfo> peers) {
        return peers.stream()
                .map(peer ->
                        cell.of(peer.id())
                                .map(series -> Numbers.brief(series.figures().median()))
                                .orElse(""))
                .collect(
                        Collectors.joining(
                                " | ",
                                "| %s: %s, %s | "
                                        .formatted(
                                                Titles.brief(cell.scenario()),
                                                cell.title(),
                                                cell.unit()),
                                " |\n"));
    }
}
