package io.fairlead.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A data plane in a process of its own, which tells of its memory.
///
/// Told the port of a backend on loopback, it prints its VIP; at each line it reads, how many flows
/// it has, the bytes of its heap that are in use after a collection, and the process's own memory
/// in KiB.
final class IdlePlane {

    /// What is reachable through references that the first clears goes with the second.
    private static final int COLLECTIONS = 3;

    private IdlePlane() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws IOException {
        AddressPort backend =
                new AddressPort(IpAddress.parse("127.0.0.1"), Integer.parseInt(args[0]));
        AddressPort vip = Loopback.vip();
        try (DataPlane plane = DataPlane.start(TestedWay.of(PlaneOptions.loopback(2)))) {
            var _ =
                    plane.apply(
                            Services.snapshot(
                                    Services.clusterIp(
                                            "web",
                                            vip,
                                            Balancing.Policy.LEAST_CONNECTIONS,
                                            List.of(backend))));
            System.out.println(vip.address() + " " + vip.port());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            while (in.readLine() != null) {
                for (int i = 0; i < COLLECTIONS; i++) {
                    ManagementFactory.getMemoryMXBean().gc();
                }
                long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
                System.out.println(plane.liveFlows() + " " + heap + " " + ownKibibytes());
            }
        }
    }

    private static String ownKibibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElseThrow();
    }
}
