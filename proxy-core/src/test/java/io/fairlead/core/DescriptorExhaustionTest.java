package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

class DescriptorExhaustionTest {

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void clientsWaitInTheQueueUntilThereAreDescriptorsAgain() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            // Without descriptors no class can be loaded: what is needed below goes through once.
            LoggerFactory.getLogger(DescriptorExhaustionTest.class).warn("a test for {}", vip);
            eventually("anything", () -> running.plane().counts().acceptPauses() == 0);
            assertEchoes(vip);
            List<FileInputStream> files = new ArrayList<>();
            takeAll(files);
            // Room for the client alone.
            files.removeLast().close();
            try (Socket client = Loopback.connect(vip)) {
                eventually(
                        "the listener pauses", () -> running.plane().counts().acceptPauses() > 0);
                giveBack(files);
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            } finally {
                giveBack(files);
            }
            assertEchoes(vip);
        }
    }

    private static void takeAll(List<FileInputStream> files) {
        try {
            for (int i = 0; i < 1_000_000; i++) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException _) {
            // Now there are none left.
        }
    }

    private static void giveBack(List<FileInputStream> files) throws IOException {
        for (FileInputStream file : files) {
            file.close();
        }
        files.clear();
    }

    private static void assertEchoes(AddressPort vip) throws IOException {
        try (Socket client = Loopback.connect(vip)) {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
        }
    }
}
