package io.fairlead.k8s.cli;

import io.fairlead.k8s.status.BuildInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `fairlead version`: the version and the commit it was built from.
@Command(
        name = "version",
        description = "Print the version, the commit it was built from, and the time of that.",
        mixinStandardHelpOptions = true)
final class VersionCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println(text());
    }

    /// `fairlead 0.1.0 (commit 1a2b3c4 of 2026-11-23T07:00:00Z)`.
    static String text() {
        BuildInfo build = BuildInfo.read();
        return "fairlead "
                + build.version()
                + " (commit "
                + build.commit()
                + " of "
                + build.built()
                + ")";
    }

    /// The same text for `--version`.
    static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {text()};
        }
    }
}
