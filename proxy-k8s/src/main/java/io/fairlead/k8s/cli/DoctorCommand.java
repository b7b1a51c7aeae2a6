package io.fairlead.k8s.cli;

import io.fairlead.core.service.Cidr;
import io.fairlead.k8s.admin.AdminJson;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fairlead doctor`: what of the kernel and of this node matters to an agent, and how it stands.
@Command(
        name = "doctor",
        description =
                "What of the kernel and of this node matters to an agent: its value, the wanted one,"
                        + " and why. Changes nothing.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it was looked at, whatever was found", "2:the command line is wrong"})
final class DoctorCommand implements Callable<Integer> {

    @Option(
            names = "--service-cidr",
            paramLabel = "CIDR",
            description = "Range of ClusterIPs; default: ${DEFAULT-VALUE}.")
    private List<String> serviceCidrs = List.of("10.96.0.0/12");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Output output = Output.table;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        List<Doctor.Finding> findings = new Doctor(Path.of("/")).look(ranges());
        spec.commandLine()
                .getOut()
                .print(
                        output == Output.json
                                ? AdminJson.indented(findings) + "\n"
                                : text(findings, Screen.forOutput()));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    private List<Cidr> ranges() {
        try {
            return serviceCidrs.stream().map(Cidr::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "fairlead: --service-cidr: " + e.getMessage());
        }
    }

    static String text(List<Doctor.Finding> findings, Screen screen) {
        for (Doctor.Finding finding : findings) {
            screen.heading(finding.verdict() + "  " + finding.name());
            screen.row("is", finding.value());
            if (finding.verdict() != Doctor.Verdict.fine) {
                screen.row("wanted", finding.wanted());
            }
            screen.row("why", finding.why());
        }
        return screen.toString();
    }
}
