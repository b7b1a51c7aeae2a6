package io.fairlead.bench.report;

import java.util.List;
import java.util.Optional;

/// One thing measured, of several peers.
///
/// @param id short, of the letters of a file name
/// @param scenario the part of the report
/// @param unit of the figures
/// @param more whether more is better
/// @param work what CPU time is told per, as `GiB`; "" where it is not
/// @param failing whether failed connections are what is measured, and no fault of the run
public record Cell(
        String id,
        String scenario,
        String title,
        String unit,
        boolean more,
        String work,
        boolean failing,
        List<Series> series) {

    public Cell {
        series = List.copyOf(series);
    }

    public Optional<Series> of(String peer) {
        return series.stream().filter(each -> each.peer().equals(peer)).findFirst();
    }

    /// The figures of one peer, one for each round.
    public record Series(String peer, List<Round> rounds) {

        public Series {
            rounds = List.copyOf(rounds);
        }

        public Spread figures() {
            return Spread.of(rounds.stream().map(Round::figure).toList());
        }

        public long failures() {
            return rounds.stream().mapToLong(Round::failures).sum();
        }

        public long operations() {
            return rounds.stream().mapToLong(Round::operations).sum();
        }

        /// The first failure that a round tells of, "" for none.
        public String failure() {
            return rounds.stream()
                    .map(Round::failure)
                    .filter(why -> !why.isEmpty())
                    .findFirst()
                    .orElse("");
        }

        /// CPU seconds of the peer's processes per unit of work.
        public double cpuPerWork() {
            return Spread.of(rounds.stream().map(r -> r.peerCpu() / r.work()).toList()).median();
        }

        /// Those of the whole machine: client, server, kernel and what else was running.
        public double machinePerWork() {
            return Spread.of(rounds.stream().map(r -> r.machineCpu() / r.work()).toList()).median();
        }
    }

    /// One figure and what belongs to it.
    ///
    /// @param operations that were complete
    /// @param work done, in units of the cell
    /// @param peerCpu CPU seconds of the peer's processes; 0 for the kernel, which tells of none
    /// @param clientCpu of the load generator
    /// @param serverCpu of the server
    /// @param machineCpu of all, interrupts included
    /// @param rate asked for, of requests a second; 0 for as many as are answered
    /// @param lateUs how late the generator was itself, 99th percentile in microseconds
    public record Round(
            double figure,
            long operations,
            double seconds,
            double work,
            long failures,
            String failure,
            double peerCpu,
            double clientCpu,
            double serverCpu,
            double machineCpu,
            double rate,
            double lateUs) {}
}
