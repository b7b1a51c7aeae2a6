package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The admin page: a few files of the program itself, by path. Immutable.
final class PageFiles {

    private final Map<String, AdminReply> files = new HashMap<>();

    PageFiles() {
        add("/", "index.html", "text/html; charset=utf-8");
        add("/page.js", "page.js", "text/javascript; charset=utf-8");
        add("/page.css", "page.css", "text/css; charset=utf-8");
    }

    private void add(String path, String name, String type) {
        try (InputStream in = PageFiles.class.getResourceAsStream("/page/" + name)) {
            if (in != null) {
                String text = new String(in.readAllBytes(), UTF_8);
                files.put(path, new AdminReply(AdminReply.OK, type, text));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Null where there is none.
    @Nullable AdminReply get(String path) {
        return files.get(path);
    }
}
