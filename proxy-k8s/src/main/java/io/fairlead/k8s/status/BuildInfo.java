package io.fairlead.k8s.status;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/// Which Fairlead this is; `unknown` where the build did not say.
public record BuildInfo(String version, String commit) {

    public static BuildInfo read() {
        Properties build = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/fairlead.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException _) {
            // Unknown, as without the resource.
        }
        String commit = build.getProperty("commit", "");
        return new BuildInfo(
                build.getProperty("version", "unknown"),
                // Built outside a checkout the placeholder stays as it is.
                commit.isEmpty() || commit.startsWith("${") ? "unknown" : commit);
    }
}
