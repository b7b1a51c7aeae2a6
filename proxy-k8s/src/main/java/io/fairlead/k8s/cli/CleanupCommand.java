package io.fairlead.k8s.cli;

import io.fairlead.core.capture.Captures;
import io.fairlead.core.host.HostProgram;
import io.fairlead.core.host.KernelState;
import io.fairlead.core.kernel.NamespaceLock;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `fairlead cleanup`: lists or removes what agents have put into the kernel of this network
/// namespace.
@Command(
        name = "cleanup",
        description =
                "Remove all that Fairlead has put into the kernel of this network namespace: routes and"
                        + " rules of protocol 102, the nft tables 'inet fairlead' and 'bridge"
                        + " fairlead', BPF pins.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing of Fairlead is left, or --list printed all there is",
            "1:something is left, and named on standard error; or an agent serves here",
            "2:the command line is wrong"
        })
final class CleanupCommand implements Callable<Integer> {

    @Option(
            names = "--list",
            description = "Print what there is, one object a line, and remove nothing.")
    private boolean list;

    @Option(
            names = "--force",
            description = "Clean up also while an agent serves here; its Services stop.")
    private boolean force;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandException {
        KernelState state = new KernelState(HostProgram.ip(), HostProgram.nft(), KernelState.PINS);
        return list ? print(state) : remove(state);
    }

    private int print(KernelState state) {
        PrintWriter out = spec.commandLine().getOut();
        List<String> all = state.list();
        all.forEach(out::println);
        return all.stream().anyMatch(line -> line.startsWith("?")) ? ExitCode.FAILED : ExitCode.OK;
    }

    private int remove(KernelState state) throws CommandException {
        if (force) {
            return removeAll(state);
        }
        // Held meanwhile: no agent starts between the look and the removal.
        try (NamespaceLock _ = Captures.lock()) {
            return removeAll(state);
        } catch (IOException e) {
            throw new CommandException(
                    e.getMessage() + ", or take its Services down with --force", e);
        }
    }

    private int removeAll(KernelState state) {
        List<String> failures = state.cleanup();
        failures.forEach(line -> spec.commandLine().getErr().println("fairlead: left: " + line));
        return failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }
}
