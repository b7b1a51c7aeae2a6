package io.fairlead.k8s.cli;

import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.watch.ManifestFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fairlead plan`: what a node would do with a folder of manifests. Opens no socket.
@Command(
        name = "plan",
        description = {
            "Prints what a node would do with the manifests in a folder: the VIPs it serves, the"
                    + " backends behind them, and what could not be used as written.",
            "Reads v1 Service and Node, discovery.k8s.io/v1 EndpointSlice and networking.k8s.io/v1"
                    + " ServiceCIDR from *.yaml, *.yml and *.json; the output of"
                    + " 'kubectl get services,endpointslices,nodes -A -o yaml' will do."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the plan was printed, with the problems that were met",
            "1:the folder cannot be read, or the plan not written",
            "2:the command line is wrong"
        })
public final class PlanCommand implements Callable<Integer> {

    /// How the plan is printed.
    enum Output {
        table,
        json
    }

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "Folder of manifests.")
    private Path folder = Path.of("");

    @Option(
            names = "--node-name",
            paramLabel = "N",
            required = true,
            description = "The node to plan for, as its Node object is named.")
    private String nodeName = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Output output = Output.table;

    @Option(
            names = "--service-proxy-name",
            paramLabel = "NAME",
            description =
                    "Plan for the Services with this service.kubernetes.io/service-proxy-name"
                            + " label; default: for those without the label.")
    private @Nullable String serviceProxyName;

    @Option(
            names = "--balance",
            paramLabel = "POLICY",
            description =
                    "For Services without the annotation fairlead.io/balance: least-connections,"
                            + " maglev, round-robin, random or source-hash; default:"
                            + " least-connections.")
    private @Nullable String balance;

    @Option(
            names = "--allow-loopback-backends",
            description =
                    "Let any Service send to loopback addresses, as an agent does that listens on"
                            + " loopback; else only those do whose ClusterIP is one.")
    private boolean allowLoopbackBackends;

    @Override
    public Integer call() throws CommandException {
        LocalOptions options = options();
        ClusterUpdate input = read();
        LocalView view = Localiser.localise(input.state(), options);
        Plan plan = Plan.of(options.nodeName(), view, input.problems());
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case table -> out.print(PlanTable.write(plan, view.hintNotes()));
            case json -> out.println(PlanJson.write(plan));
        }
        if (out.checkError()) {
            throw CommandException.outputLost();
        }
        return ExitCode.OK;
    }

    private ClusterUpdate read() throws CommandException {
        try {
            return ManifestFolder.read(folder);
        } catch (IOException e) {
            throw new CommandException(FailedIo.reason(e), e);
        }
    }

    private LocalOptions options() {
        try {
            return LocalOptions.forNode(nodeName)
                    .withDefaultBalancing(defaultBalancing())
                    .withAllowLoopbackBackends(allowLoopbackBackends)
                    .withServiceProxyName(serviceProxyName);
        } catch (IllegalArgumentException e) {
            throw usage("--node-name: " + e.getMessage());
        }
    }

    private Balancing defaultBalancing() {
        return balance == null
                ? Balancing.DEFAULT
                : Balancing.of(
                        Balancing.Policy.ofWord(balance)
                                .orElseThrow(() -> usage("--balance: unknown policy " + balance)));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
