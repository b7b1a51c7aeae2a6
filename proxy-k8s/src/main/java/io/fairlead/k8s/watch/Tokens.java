package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.Problem;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;

/// The tokens of YAML and JSON files, within limits that hold whatever the bytes are.
final class Tokens {

    /// Larger files are refused: about 10,000 Services with 10 endpoints each, as kubectl prints
    /// them.
    static final int MAX_FILE_BYTES = 64 << 20;

    /// Objects nest less than 20 deep; the JSON reader recurses.
    private static final int MAX_DEPTH = 100;

    /// Objects of a cluster are smaller as a whole. The YAML scanner looks ahead over a whole line,
    /// in time that grows with its square.
    private static final int MAX_LINE_BYTES = 1 << 20;

    private static final StreamReadConstraints CONSTRAINTS =
            StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_FILE_BYTES)
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_LINE_BYTES)
                    .maxNameLength(4096)
                    .build();

    private static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build();

    private static final TokenStreamFactory YAML =
            YAMLFactory.builder()
                    .streamReadConstraints(CONSTRAINTS)
                    .loadSettings(LoadSettings.builder().setCodePointLimit(MAX_FILE_BYTES).build())
                    .build();

    private static final TokenStreamFactory LENIENT_JSON =
            JsonFactory.builder()
                    .streamReadConstraints(CONSTRAINTS)
                    .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private static final TokenStreamFactory LENIENT_YAML =
            YAMLFactory.builder()
                    .streamReadConstraints(CONSTRAINTS)
                    .loadSettings(LoadSettings.builder().setCodePointLimit(MAX_FILE_BYTES).build())
                    .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private Tokens() {}

    /// What is done with the tokens of a file.
    @FunctionalInterface
    interface Reading<T> {
        T from(JsonParser parser) throws BrokenFileException;
    }

    /// Reads a file; its name tells YAML from JSON.
    ///
    /// @throws BrokenFileException when the file as a whole makes no sense
    static <T> T read(String file, byte[] bytes, Reading<T> reading) throws BrokenFileException {
        return read(isJson(file) ? JSON : YAML, file, bytes, reading);
    }

    /// The same for those who look after fields that are given twice.
    static <T> T readWithDuplicates(String file, byte[] bytes, Reading<T> reading)
            throws BrokenFileException {
        return read(isJson(file) ? LENIENT_JSON : LENIENT_YAML, file, bytes, reading);
    }

    private static boolean isJson(String file) {
        return file.endsWith(".json");
    }

    private static <T> T read(
            TokenStreamFactory factory, String file, byte[] bytes, Reading<T> reading)
            throws BrokenFileException {
        if (!isJson(file)) {
            checkLines(bytes);
        }
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes)) {
            return reading.from(parser);
        } catch (JacksonException e) {
            throw new BrokenFileException(place(e), summary(e.getOriginalMessage()));
        } catch (RuntimeException e) {
            // Whatever else a parser throws at nonsense is about this file and nothing more.
            throw new BrokenFileException("", summary(e.toString()));
        }
    }

    private static void checkLines(byte[] bytes) throws BrokenFileException {
        int line = 1;
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                line++;
                start = i + 1;
            } else if (i - start >= MAX_LINE_BYTES) {
                throw new BrokenFileException(
                        "line " + line,
                        "is longer than " + MAX_LINE_BYTES + " bytes; break it, or use JSON");
            }
        }
    }

    private static String place(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException yaml) {
            // Nearer than the last token that was read.
            return yaml.getProblemMark().map(m -> "line " + (m.getLine() + 1)).orElse("");
        }
        return e.getLocation() == null || e.getLocation().getLineNr() < 1
                ? ""
                : "line " + e.getLocation().getLineNr();
    }

    /// What a parser says, without the excerpt of the file that follows.
    private static String summary(String message) {
        List<String> lines = message.lines().limit(2).filter(l -> !l.startsWith(" in ")).toList();
        String quoted = lines.isEmpty() ? "''" : Problem.quote(lines.getLast());
        return "cannot be read: " + quoted.substring(1, quoted.length() - 1);
    }
}
