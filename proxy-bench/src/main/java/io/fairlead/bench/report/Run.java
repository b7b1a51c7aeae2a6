package io.fairlead.bench.report;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All that a run measured, as it is written to `run.json`.
///
/// @param date when it began
/// @param mode `quick` or `full`
/// @param seed of the order of peers
/// @param rounds of each cell
/// @param seconds of each round
/// @param notes what a reader must know besides
public record Run(
        String date,
        String mode,
        String command,
        long seed,
        int rounds,
        double seconds,
        Machine machine,
        List<PeerInfo> peers,
        List<Cell> cells,
        List<String> notes) {

    /// Where it was measured.
    ///
    /// @param busy the load average when it began: what else was running
    /// @param stolen of the CPU time meanwhile, kept by the host of a virtual machine: 0 to 1
    public record Machine(
            String cpu,
            int cpus,
            long memoryMib,
            String kernel,
            String os,
            String java,
            String busy,
            double stolen) {}

    /// What was measured.
    ///
    /// @param missing why it was not; null where it was
    /// @param process whether its CPU time is that of processes, not the kernel's
    public record PeerInfo(
            String id, String name, String version, @Nullable String missing, boolean process) {

        /// With its version, where it tells one.
        public String title() {
            return version.isEmpty() ? name : name + " " + version;
        }
    }

    public Optional<Cell> cell(String id) {
        return cells.stream().filter(cell -> cell.id().equals(id)).findFirst();
    }

    public PeerInfo peer(String id) {
        return peers.stream()
                .filter(peer -> peer.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no peer " + id));
    }
}
