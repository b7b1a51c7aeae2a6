package io.fairlead.bench.run;

import io.fairlead.bench.peer.Fairlead;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Those who look into an agent once a second while it serves, each on a thread of its own in the
/// network namespace of the agent's node. What is answered is read to its end, and must be an
/// answer.
final class Observers {

    private static final InetSocketAddress METRICS = at(10249);
    private static final InetSocketAddress PAGE = at(10248);

    /// Of an agent of which nothing is to be seen but what nobody can switch off: its admin socket,
    /// which nobody asks, and the counters of event loops.
    static final List<String> NOTHING =
            List.of(
                    "--metrics-bind-address=off",
                    "--healthz-bind-address=off",
                    "--admin-bind-address=off",
                    "--access-log=off");

    private static final int CHUNK = 1 << 16;
    private static final int END_SECONDS = 30;

    private final Site site;
    private final SocketAddress socket;
    private final List<Scrape> scrapes = new ArrayList<>();
    private @Nullable Exception failure;

    /// One look at `/metrics`.
    record Scrape(double seconds, long bytes) {}

    Observers(Site site) {
        this.site = site;
        this.socket = UnixDomainSocketAddress.of(((Fairlead.Agent) site.running()).adminSocket());
    }

    /// Of an agent that shows what there is to see.
    ///
    /// @param accessLog the file that every flow is written to
    static List<String> everything(String accessLog) {
        return List.of(
                "--metrics-bind-address=" + text(METRICS),
                "--admin-bind-address=" + text(PAGE),
                "--access-log=" + accessLog);
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /// Prometheus, somebody who runs `fairlead flows` and `services` again and again, and an admin
    /// page that is open.
    AutoCloseable all() {
        return begin(
                List.of(
                        this::scrape,
                        () -> {
                            long _ = ask(socket, "/v1/flows?limit=1000");
                            long _ = ask(socket, "/v1/services?limit=1000");
                        },
                        () -> {
                            long _ = ask(PAGE, "/v1/status");
                            long _ = ask(PAGE, "/v1/services?search=&after=&limit=25");
                            long _ = ask(PAGE, "/v1/changes?limit=12");
                        }));
    }

    /// Prometheus alone.
    AutoCloseable prometheus() {
        return begin(List.of(this::scrape));
    }

    private AutoCloseable begin(List<Look> looks) {
        List<ScheduledExecutorService> clocks = new ArrayList<>();
        for (Look look : looks) {
            ScheduledExecutorService clock =
                    Executors.newSingleThreadScheduledExecutor(
                            site.node().netns().threadFactory("observer"));
            var _ = clock.scheduleAtFixedRate(() -> tryTo(look), 0, 1, TimeUnit.SECONDS);
            clocks.add(clock);
        }
        return () -> end(clocks);
    }

    private void end(List<ScheduledExecutorService> clocks) throws Exception {
        clocks.forEach(ScheduledExecutorService::shutdown);
        for (ScheduledExecutorService clock : clocks) {
            if (!clock.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the agent has not answered who looked into it");
            }
        }
        synchronized (this) {
            if (failure != null) {
                throw failure;
            }
        }
    }

    private interface Look {
        void look() throws IOException;
    }

    private void tryTo(Look look) {
        try {
            look.look();
        } catch (IOException | RuntimeException e) {
            synchronized (this) {
                failure = e;
            }
        }
    }

    private void scrape() throws IOException {
        long startNs = System.nanoTime();
        long bytes = ask(METRICS, "/metrics");
        synchronized (this) {
            scrapes.add(new Scrape((System.nanoTime() - startNs) / 1e9, bytes));
        }
    }

    /// What was scraped so far, in order.
    synchronized List<Scrape> scrapes() {
        return List.copyOf(scrapes);
    }

    /// The length of an answer, its head included.
    ///
    /// @throws IOException that says what came in the place of one
    private static long ask(SocketAddress at, String path) throws IOException {
        try (SocketChannel channel =
                at instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open()) {
            channel.connect(at);
            OutputStream out = Channels.newOutputStream(channel);
            out.write(
                    ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return read(Channels.newInputStream(channel), path);
        }
    }

    private static long read(InputStream in, String path) throws IOException {
        byte[] chunk = new byte[CHUNK];
        int head = in.readNBytes(chunk, 0, "HTTP/1.1 200".length());
        String line = new String(Arrays.copyOf(chunk, head), StandardCharsets.US_ASCII);
        if (!line.equals("HTTP/1.1 200")) {
            throw new IOException(path + " is answered with \"" + line + "\"");
        }
        long all = head;
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            all += count;
        }
        return all;
    }
}
