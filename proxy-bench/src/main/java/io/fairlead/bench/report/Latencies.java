package io.fairlead.bench.report;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.HdrHistogram.HistogramLogWriter;

/// Histograms of latencies in nanoseconds, by cell and peer: one `.hlog` file for each cell, an
/// interval for each round, the peer as its tag.
public final class Latencies {

    private static final String SUFFIX = ".hlog";

    /// `CELL/PEER` -> all rounds together.
    private final Map<String, Histogram> sums = new LinkedHashMap<>();

    /// `CELL/PEER/ROUND` -> one round.
    private final Map<String, Histogram> rounds = new LinkedHashMap<>();

    /// Adds a round, as the generator encoded it.
    ///
    /// @return the round's histogram
    public Histogram add(String cell, String peer, int round, String encoded) {
        try {
            Histogram histogram =
                    Histogram.decodeFromCompressedByteBuffer(
                            ByteBuffer.wrap(Base64.getDecoder().decode(encoded)), 1);
            histogram.setTag(peer);
            rounds.put(cell + "/" + peer + "/" + round, histogram);
            add(cell, peer, histogram);
            return histogram;
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("no histogram", e);
        }
    }

    private void add(String cell, String peer, Histogram histogram) {
        sums.computeIfAbsent(
                        cell + "/" + peer,
                        _ -> new Histogram(histogram.getNumberOfSignificantValueDigits()))
                .add(histogram);
    }

    /// All rounds of a peer.
    public Optional<Histogram> of(String cell, String peer) {
        return Optional.ofNullable(sums.get(cell + "/" + peer));
    }

    /// Writes a file for each cell.
    public void write(Path folder) throws IOException {
        Map<String, HistogramLogWriter> writers = new LinkedHashMap<>();
        Map<String, PrintStream> files = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Histogram> each : rounds.entrySet()) {
                String cell = each.getKey().substring(0, each.getKey().indexOf('/'));
                HistogramLogWriter writer = writers.get(cell);
                if (writer == null) {
                    PrintStream file =
                            new PrintStream(
                                    Files.newOutputStream(folder.resolve(cell + SUFFIX)),
                                    false,
                                    StandardCharsets.UTF_8);
                    files.put(cell, file);
                    writer = new HistogramLogWriter(file);
                    writers.put(cell, writer);
                    writer.outputComment("latencies in nanoseconds; an interval is a round");
                    writer.outputLogFormatVersion();
                    writer.outputLegend();
                }
                String round = each.getKey().substring(each.getKey().lastIndexOf('/') + 1);
                double start = Double.parseDouble(round);
                writer.outputIntervalHistogram(start, start + 1, each.getValue(), 1_000.0);
            }
        } finally {
            files.values().forEach(PrintStream::close);
        }
    }

    /// What [#write] wrote.
    public static Latencies read(Path folder) throws IOException {
        Latencies all = new Latencies();
        try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path path : files) {
                String name = String.valueOf(path.getFileName());
                all.read(path.toFile(), name.substring(0, name.length() - SUFFIX.length()));
            }
        }
        return all;
    }

    private void read(File file, String cell) throws IOException {
        try (HistogramLogReader reader = new HistogramLogReader(file)) {
            while (reader.hasNext()) {
                EncodableHistogram next = reader.nextIntervalHistogram();
                if (next instanceof Histogram histogram) {
                    String peer = String.valueOf(histogram.getTag());
                    int round = rounds.size();
                    rounds.put(cell + "/" + peer + "/" + round, histogram);
                    add(cell, peer, histogram);
                }
            }
        }
    }
}
