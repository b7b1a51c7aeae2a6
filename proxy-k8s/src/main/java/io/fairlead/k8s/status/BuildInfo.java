package io.fairlead.k8s.status;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/// Which Fairlead this is; `unknown` where the build did not say.
///
/// @param built the time of the commit: builds of one commit are the same
public record BuildInfo(String version, String commit, String built) {

    public static BuildInfo read() {
        Properties build = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/fairlead.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException _) {
            // Unknown, as without the resource.
        }
        return new BuildInfo(
                build.getProperty("version", "unknown"),
                known(build.getProperty("commit", "")),
                known(build.getProperty("built", "")));
    }

    /// Built outside a checkout a placeholder stays as it is.
    private static String known(String value) {
        return value.isEmpty() || value.startsWith("${") ? "unknown" : value;
    }
}
