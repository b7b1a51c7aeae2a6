package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a connection that carries nothing costs the process, beside the kernel.
class IdleMemoryTest {

    private static final int CONNECTIONS = Integer.getInteger("fairlead.test.idle", 2_000);
    private static final int WARM_UP = 1_000;

    /// DESIGN section 7: 1.5 KB; of them the objects may take two thirds.
    private static final int MOST_BYTES = 1_000;

    /// @param own memory of the process in KiB, which depends on when the JVM takes and gives back
    private record Memory(int flows, long heap, long own) {}

    @Test
    void anIdleConnectionIsLessThanAKilobyteOfObjects() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (TestServer backend = TestServer.echo()) {
            Process process = start(backend.at().port());
            try (BufferedReader out = process.inputReader(UTF_8);
                    Writer in = process.outputWriter(UTF_8)) {
                String[] at = out.readLine().split(" ", -1);
                AddressPort vip = new AddressPort(IpAddress.parse(at[0]), Integer.parseInt(at[1]));
                connect(vip, WARM_UP, clients);
                Memory before = ask(in, out);
                connect(vip, CONNECTIONS, clients);
                eventually("all are led on", () -> backend.open() == WARM_UP + CONNECTIONS);
                Memory after = ask(in, out);
                assertThat(after.flows() - before.flows()).isEqualTo(CONNECTIONS);
                long bytes = (after.heap() - before.heap()) / CONNECTIONS;
                System.err.println(
                        bytes
                                + " bytes of objects for each of "
                                + CONNECTIONS
                                + " idle connections, "
                                + (after.own() - before.own()) * 1024 / CONNECTIONS
                                + " of the process");
                assertThat(bytes).isBetween(1L, (long) MOST_BYTES);
            } finally {
                process.destroy();
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static Process start(int backendPort) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-Dfairlead.test.transport="
                                + System.getProperty("fairlead.test.transport", ""),
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdlePlane.class.getName(),
                        Integer.toString(backendPort))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void connect(AddressPort vip, int count, List<Socket> into) throws IOException {
        for (int i = 0; i < count; i++) {
            Socket client = Loopback.connect(vip);
            into.add(client);
            client.getOutputStream().write(i);
            assertThat(client.getInputStream().read()).isEqualTo(i & 0xff);
        }
    }

    private static Memory ask(Writer in, BufferedReader out) throws IOException {
        in.write("?\n");
        in.flush();
        String[] words = out.readLine().split(" ", -1);
        return new Memory(
                Integer.parseInt(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
    }
}
