package io.fairlead.k8s.cli;

/// The exit codes of every command, as `--help` lists them.
final class ExitCode {

    static final int OK = 0;

    /// It could not be done; one line on standard error says why.
    static final int FAILED = 1;

    /// The command line is wrong.
    static final int USAGE = 2;

    /// A defect of the program; 70 is `EX_SOFTWARE` of sysexits.h.
    static final int DEFECT = 70;

    private ExitCode() {}
}
