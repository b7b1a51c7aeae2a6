package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAdder;

/// Connects, sends a byte, waits for one, closes, and again; several clients at once.
final class ConnectLoad {

    private static final int CLIENTS = 16;
    private static final int TIMEOUT_MILLIS = 5_000;

    /// What came of it.
    ///
    /// @param connections that got their byte
    /// @param failures that did not
    record Result(long connections, long failures, double seconds) {
        double perSecond() {
            return connections / seconds;
        }
    }

    private final Host from;
    private final InetSocketAddress to;

    ConnectLoad(Host from, InetSocketAddress to) {
        this.from = from;
        this.to = to;
    }

    /// Whether one connection gets its byte.
    boolean isServed() throws Exception {
        return from.run(this::once);
    }

    Result run(Duration time) throws InterruptedException {
        LongAdder good = new LongAdder();
        LongAdder bad = new LongAdder();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        ThreadFactory threads = from.netns().threadFactory("load");
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Thread client =
                    threads.newThread(() -> {
                        while (System.nanoTime() < end) {
                            (once() ? good : bad).increment();
                        }
                    });
            clients.add(client);
            client.start();
        }
        for (Thread client : clients) {
            client.join();
        }
        return new Result(good.sum(), bad.sum(), (System.nanoTime() - start) / 1e9);
    }

    private boolean once() {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(to, TIMEOUT_MILLIS);
            socket.getOutputStream().write('x');
            return socket.getInputStream().read() == 'x';
        } catch (IOException _) {
            return false;
        }
    }
}
