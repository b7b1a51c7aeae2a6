package io.fairlead.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Style sheets that come with the program.
enum Style {
    CHARTS("charts.css"),
    PAGE("page.css");

    private final String file;

    Style(String file) {
        this.file = file;
    }

    String get() {
        try (InputStream in = Style.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("no " + file + " in this program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
