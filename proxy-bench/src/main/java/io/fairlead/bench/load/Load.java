package io.fairlead.bench.load;

import io.fairlead.bench.load.PacedRequests.Paced;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// One load: its clients on the loops, from the first connect to the last answer.
final class Load implements AutoCloseable {

    /// What is not answered so long after the end has failed.
    private static final double GRACE_SECONDS = 10;

    private static final double PROBE_SECONDS = 1;

    /// Connections being opened at once on each loop, where they are kept.
    private static final int OPENING = 32;

    private final LoadRequest request;
    private final InetSocketAddress to;
    private final Arena arena = Arena.ofShared();
    private final List<Tally> tallies;
    private final List<Client> clients = new ArrayList<>();

    Load(LoadRequest request, Loops loops) throws Exception {
        this.request = request;
        this.to = new InetSocketAddress(InetAddress.ofLiteral(request.host()), request.port());
        loops.enter(Path.of(request.namespace()));
        this.tallies =
                loops.all().stream()
                        .limit(Math.max(1, request.connections()))
                        .map(loop -> new Tally(loop, arena))
                        .toList();
    }

    /// Connections one after another in each of so many places.
    LoadResult connect() throws Exception {
        CountDownLatch over = new CountDownLatch(request.connections());
        long endNs = endFrom(System.nanoTime());
        forEachPlace((tally, _) -> {
            tally.endAt(endNs);
            connectNext(tally, over);
        });
        await(over, request.seconds() + GRACE_SECONDS);
        return result();
    }

    private void connectNext(Tally tally, CountDownLatch over) {
        long nowNs = System.nanoTime();
        if (nowNs >= tally.endNs()) {
            over.countDown();
            return;
        }
        ConnectClient client =
                new ConnectClient(
                        tally,
                        false,
                        nowNs,
                        _ -> {},
                        _ -> tally.loop.execute(() -> connectNext(tally, over)));
        client.connect(to);
    }

    LoadResult bulk() throws Exception {
        CountDownLatch over = new CountDownLatch(request.connections());
        long endNs = endFrom(System.nanoTime());
        forEachPlace((tally, _) -> {
            tally.endAt(endNs);
            add(new BulkClient(tally, _ -> over.countDown()));
        });
        await(over, request.seconds() + GRACE_SECONDS);
        failOthers("no end of the stream");
        return result();
    }

    LoadResult requests() throws Exception {
        int count = request.connections();
        CountDownLatch connected = new CountDownLatch(count);
        CountDownLatch over = new CountDownLatch(count);
        List<List<Paced>> paced = new ArrayList<>();
        List<List<RequestClient>> eager = new ArrayList<>();
        tallies.forEach(_ -> {
            paced.add(new ArrayList<>());
            eager.add(new ArrayList<>());
        });
        forEachPlace((tally, i) -> {
            RequestClient.@Nullable Due due = request.rate() > 0 ? new RequestClient.Due() : null;
            RequestClient client =
                    new RequestClient(
                            tally,
                            arena.allocate(request.bytes(), 8),
                            due,
                            _ -> connected.countDown(),
                            ended -> {
                                if (!ended.isConnected()) {
                                    connected.countDown();
                                }
                                over.countDown();
                            });
            eager.get(i % tallies.size()).add(client);
            if (due != null) {
                paced.get(i % tallies.size()).add(new Paced(client, due));
            }
            add(client);
        });
        await(connected, GRACE_SECONDS);
        long startNs = System.nanoTime();
        for (int i = 0; i < tallies.size(); i++) {
            Tally tally = tallies.get(i);
            List<RequestClient> mine = eager.get(i);
            List<Paced> due = paced.get(i);
            for (int j = 0; j < due.size(); j++) {
                due.get(j).due().begin(paceOf(i + j * tallies.size(), startNs));
            }
            Runnable work =
                    request.rate() > 0
                            ? new PacedRequests(tally, due)
                            : () -> mine.forEach(client -> client.start(System.nanoTime()));
            tally.loop.execute(() -> {
                tally.endAt(endFrom(startNs));
                work.run();
            });
        }
        await(over, request.seconds() + GRACE_SECONDS);
        failOthers("no answer within " + GRACE_SECONDS + " s");
        return result();
    }

    /// Connections take turns, so that requests are due at even distances.
    private Pace paceOf(int client, long startNs) {
        double perClient = request.rate() / request.connections();
        return Pace.of(startNs + (long) (client * 1e9 / request.rate()), perClient);
    }

    /// Opens connections that stay.
    ///
    /// @param kept where they are put
    LoadResult hold(List<Client> kept) throws Exception {
        CountDownLatch over = new CountDownLatch(request.connections());
        List<Client> opened = new ArrayList<>();
        int places = Math.min(request.connections(), OPENING * tallies.size());
        for (int i = 0; i < places; i++) {
            Tally tally = tallies.get(i % tallies.size());
            int mine =
                    request.connections() / places + (i < request.connections() % places ? 1 : 0);
            tally.loop.execute(() -> holdNext(tally, mine, over, opened));
        }
        await(over, GRACE_SECONDS + request.connections() / 1_000.0);
        synchronized (opened) {
            kept.addAll(opened);
        }
        return result();
    }

    private void holdNext(Tally tally, int left, CountDownLatch over, List<Client> opened) {
        if (left == 0) {
            return;
        }
        Runnable next =
                () -> {
                    over.countDown();
                    tally.loop.execute(() -> holdNext(tally, left - 1, over, opened));
                };
        ConnectClient client =
                new ConnectClient(tally, true, System.nanoTime(), _ -> next.run(), _ -> next.run());
        synchronized (opened) {
            opened.add(client);
        }
        client.connect(to);
    }

    LoadResult probe() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Tally tally = tallies.getFirst();
        tally.loop.execute(() ->
                add(
                        new ConnectClient(
                                tally, false, System.nanoTime(), _ -> {}, _ -> over.countDown())));
        await(over, PROBE_SECONDS);
        failOthers("no answer");
        return result();
    }

    private void add(Client client) {
        synchronized (clients) {
            clients.add(client);
        }
        client.connect(to);
    }

    /// Does something once for each connection, on the loop that it belongs to, and waits for it.
    private void forEachPlace(ObjIntConsumer<Tally> begin) throws Exception {
        for (int i = 0; i < request.connections(); i++) {
            Tally tally = tallies.get(i % tallies.size());
            int number = i;
            Loops.on(
                    tally.loop,
                    () -> {
                        begin.accept(tally, number);
                        return true;
                    });
        }
    }

    private long endFrom(long startNs) {
        return startNs + (long) (request.seconds() * 1e9);
    }

    private static void await(CountDownLatch latch, double seconds) throws InterruptedException {
        boolean _ = latch.await((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    }

    private void failOthers(String why) throws Exception {
        for (Client client : clients) {
            Loops.on(
                    client.tally.loop,
                    () -> {
                        client.fail(why);
                        return true;
                    });
        }
    }

    private LoadResult result() throws Exception {
        Histogram latencies = Tally.newHistogram();
        Histogram lateness = Tally.newHistogram();
        long operations = 0;
        long bytes = 0;
        long failures = 0;
        String failure = "";
        for (Tally tally : tallies) {
            // On its loop: what it wrote last is seen.
            Loops.on(tally.loop, () -> true);
            latencies.add(tally.latencies);
            lateness.add(tally.lateness);
            operations += tally.operations;
            bytes += tally.bytes;
            failures += tally.failures;
            failure = failure.isEmpty() ? tally.failure : failure;
        }
        return new LoadResult(
                operations,
                bytes,
                failures,
                failure,
                request.seconds(),
                latencies.getTotalCount() == 0 ? "" : encoded(latencies),
                lateness.getTotalCount() == 0 ? 0 : lateness.getValueAtPercentile(99));
    }

    private static String encoded(Histogram histogram) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }

    /// Frees the buffers; nothing runs any more.
    @Override
    public void close() {
        arena.close();
    }
}
