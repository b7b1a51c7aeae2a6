package io.fairlead.k8s.cli;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.k8s.Agent;
import io.fairlead.k8s.AgentException;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.status.StatusOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `fairlead demo`: an agent and what it leads to, in one process on loopback.
@Command(
        name = "demo",
        description =
                "Serve three Services with two backends each on loopback, without root and"
                        + " without a cluster, until Ctrl-C.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);
    private static final String NODE = "demo";
    private static final String VIPS = "127.96.0.";

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandException, InterruptedException {
        try (StopSignal stop = new StopSignal();
                DemoWorld world = DemoWorld.create(NODE, VIPS);
                Agent agent = Agent.start(options(world))) {
            PrintWriter out = spec.commandLine().getOut();
            introduce(out, world);
            Map<String, Long> before = new HashMap<>();
            try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
                var _ =
                        clock.scheduleAtFixedRate(
                                () -> report(out, agent.dataPlane(), world, before),
                                REPORT_INTERVAL.toMillis(),
                                REPORT_INTERVAL.toMillis(),
                                TimeUnit.MILLISECONDS);
                stop.await();
                stop.mustEndSoon();
                clock.shutdownNow();
            }
            return ExitCode.OK;
        } catch (AgentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandException(FailedIo.reason(e), e);
        }
    }

    private static AgentOptions options(DemoWorld world) {
        return AgentOptions.of(world.manifests(), NODE)
                .withRunDir(world.runDir())
                .withStatus(StatusOptions.OFF);
    }

    private static void introduce(PrintWriter out, DemoWorld world) {
        Path manifests = world.manifests();
        out.println("Three Services on loopback, two backends each. In another terminal:");
        out.println();
        for (DemoWorld.Service service : world.services()) {
            out.printf(
                    "  curl http://%s/    # %s, %s%n",
                    service.vip(), service.name(), service.policy().word());
        }
        out.println();
        out.println("Many connections, and what each backend got of them:");
        out.println();
        out.printf(
                "  for i in $(seq 100); do curl -s http://%s/; done | sort | uniq -c%n",
                world.services().getFirst().vip());
        out.println();
        out.printf("The manifests are in %s: edit one and watch it take effect.%n", manifests);
        out.println("Connections per backend, each second (+ in that second). Ctrl-C ends.");
        out.println();
        out.flush();
    }

    private static void report(
            PrintWriter out, DataPlane plane, DemoWorld world, Map<String, Long> before) {
        Map<String, Long> opened = new TreeMap<>();
        for (ServiceEntry entry : plane.view()) {
            for (Backend backend : entry.group().backends()) {
                opened.put(name(world, backend.at()), backend.opened());
            }
        }
        StringBuilder line = new StringBuilder();
        opened.forEach((name, count) -> append(line, name, count, before));
        out.println(line);
        out.flush();
    }

    private static void append(
            StringBuilder line, String name, long opened, Map<String, Long> before) {
        Long last = before.put(name, opened);
        line.append(line.isEmpty() ? "" : "  ").append(name).append(' ').append(opened);
        if (last != null && opened > last) {
            line.append(" (+").append(opened - last).append(')');
        }
    }

    /// A backend that somebody added to the manifests has no name but its address.
    private static String name(DemoWorld world, AddressPort at) {
        String name = world.backendNames().get(at);
        return name == null ? at.toString() : name;
    }
}
