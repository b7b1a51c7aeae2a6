package io.fairlead.k8s.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `fairlead version`: the version and the commit it was built from.
@Command(
        name = "version",
        description = "Print the version and the commit it was built from.",
        mixinStandardHelpOptions = true)
final class VersionCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println(text());
    }

    /// `fairlead 0.1.0 (commit 1a2b3c4)`.
    static String text() {
        Properties build = new Properties();
        try (InputStream in = VersionCommand.class.getResourceAsStream("/fairlead.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException _) {
            // Unknown, as without the resource.
        }
        return "fairlead "
                + build.getProperty("version", "unknown")
                + " (commit "
                + commit(build)
                + ")";
    }

    private static String commit(Properties build) {
        String commit = build.getProperty("commit", "");
        // Built outside a checkout the placeholder stays as it is.
        return commit.isEmpty() || commit.startsWith("${") ? "unknown" : commit;
    }

    /// The same text for `--version`.
    static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }
    }
}
