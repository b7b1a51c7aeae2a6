package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.ServicesReport;
import io.fairlead.k8s.admin.ServicesReport.Traffic;
import io.fairlead.k8s.admin.StatusReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fairlead top`: service ports by their traffic, again and again.
@Command(
        name = "top",
        description = "Service ports by their traffic, refreshed until Ctrl-C.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the agent answered",
            "1:no agent answered, or it could not; one line on standard error says why",
            "2:the command line is wrong"
        })
final class TopCommand implements Callable<Integer> {

    private static final int DEFAULT_LINES = 24;
    private static final int LINES_OF_HEAD = 5;
    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[2J";

    /// By what lines are sorted.
    enum Order {
        rate,
        live,
        bytes,
        failures
    }

    /// One line: what was counted by now, and since the last time.
    record Line(
            String name,
            Traffic now,
            double opened,
            double received,
            double returned,
            double failed) {}

    @Mixin private AgentQuestion agent = new AgentQuestion();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Only this namespace.")
    private String namespace = "";

    @Option(
            names = "--sort",
            paramLabel = "BY",
            description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Order order = Order.rate;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "Time between two looks; default: ${DEFAULT-VALUE}.")
    private int interval = 2;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after so many looks; default: never.")
    private int count = Integer.MAX_VALUE;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws CommandException, InterruptedException {
        if (interval < 1 || count < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--interval and --count: give a number from 1 on");
        }
        PrintWriter out = spec.commandLine().getOut();
        Map<String, Traffic> before = new HashMap<>();
        long beforeNs = System.nanoTime();
        for (int look = 0; look < count; look++) {
            if (look > 0) {
                TimeUnit.SECONDS.sleep(interval);
            }
            StatusReport status = agent.ask(a -> a.status());
            ServicesReport services = agent.ask(a -> a.services(namespace));
            long nowNs = System.nanoTime();
            List<Line> lines = lines(services, before, (nowNs - beforeNs) / 1e9, order);
            beforeNs = nowNs;
            Screen screen = Screen.forOutput();
            out.print(Screen.isTerminal() ? HOME_AND_CLEAR : "");
            out.print(text(status, lines, terminalLines(System.getenv("LINES")), screen));
            if (out.checkError()) {
                throw CommandException.outputLost();
            }
        }
        return ExitCode.OK;
    }

    static int terminalLines(@Nullable String text) {
        try {
            return text == null
                    ? DEFAULT_LINES
                    : Math.max(LINES_OF_HEAD + 1, Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return DEFAULT_LINES;
        }
    }

    /// Takes the new counts in the place of those before.
    static List<Line> lines(
            ServicesReport services, Map<String, Traffic> before, double seconds, Order order) {
        List<Line> lines = new ArrayList<>();
        Map<String, Traffic> now = new HashMap<>();
        for (ServicesReport.Port port : services.ports()) {
            String name = ServicesCommand.name(port) + "/" + port.protocol();
            Traffic traffic = port.traffic();
            String key = name + "/" + port.family();
            now.put(key, traffic);
            Traffic last = before.getOrDefault(key, traffic);
            lines.add(
                    new Line(
                            name,
                            traffic,
                            (traffic.openedFlows() - last.openedFlows()) / seconds,
                            (traffic.receivedBytes() - last.receivedBytes()) / seconds,
                            (traffic.returnedBytes() - last.returnedBytes()) / seconds,
                            (traffic.connectFailures() - last.connectFailures()) / seconds));
        }
        before.clear();
        before.putAll(now);
        Comparator<Line> by =
                switch (order) {
                    case rate -> Comparator.comparingDouble(Line::opened);
                    case live -> Comparator.comparingLong(l -> l.now().liveFlows());
                    case bytes -> Comparator.comparingDouble(l -> l.received() + l.returned());
                    case failures -> Comparator.comparingDouble(Line::failed);
                };
        lines.sort(
                by.reversed()
                        .thenComparing(
                                Comparator.<Line>comparingLong(l -> l.now().liveFlows())
                                        .thenComparingLong(l -> l.now().openedFlows())
                                        .reversed())
                        .thenComparing(Line::name));
        return lines;
    }

    static String text(StatusReport status, List<Line> lines, int height, Screen screen) {
        screen.heading(
                "fairlead on "
                        + status.node()
                        + ": "
                        + Screen.count(status.totals().liveFlows(), "live flow")
                        + ", "
                        + Screen.count(status.totals().services(), "Service")
                        + ", "
                        + Screen.count(status.problemCount(), "problem"));
        screen.line("");
        List<List<String>> rows = new ArrayList<>();
        for (Line line : lines.stream().limit(Math.max(1, height - LINES_OF_HEAD)).toList()) {
            rows.add(
                    List.of(
                            line.name(),
                            Long.toString(line.now().liveFlows()),
                            String.format(Locale.ROOT, "%.1f", line.opened()),
                            Screen.bytes((long) line.received()),
                            Screen.bytes((long) line.returned()),
                            String.format(Locale.ROOT, "%.1f", line.failed())));
        }
        screen.table(List.of("SERVICE PORT", "LIVE", "NEW/S", "IN/S", "OUT/S", "FAIL/S"), rows, 0);
        return screen.toString();
    }
}
