package io.fairlead.k8s.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bearer token that the kubelet replaces from time to time.
///
/// Read at every request: there is one for each list and each watch, every few minutes.
record TokenFile(Path path) {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);

    /// The token as the file holds it now, or null without one.
    @Nullable String token() {
        try {
            String token = Files.readString(path).strip();
            return token.isEmpty() ? null : token;
        } catch (IOException e) {
            LOG.debug("no token", e);
            return null;
        }
    }
}
