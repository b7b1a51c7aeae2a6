package io.fairlead.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// `run.json` in the folder of a run.
public final class RunFile {

    private static final String NAME = "run.json";
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();

    private RunFile() {}

    public static void write(Run run, Path folder) throws IOException {
        Files.writeString(folder.resolve(NAME), JSON.writeValueAsString(run) + "\n");
    }

    /// What [#write] wrote.
    ///
    /// @throws IOException where there is none, or it is not one
    public static Run read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            throw new IOException(folder + " holds no " + NAME + ": give the --out of a run");
        }
        try {
            return JSON.readValue(Files.readString(file), Run.class);
        } catch (JacksonException e) {
            throw new IOException(file + ": " + e.getOriginalMessage(), e);
        }
    }
}
