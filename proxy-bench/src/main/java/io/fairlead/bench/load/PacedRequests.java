package io.fairlead.bench.load;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// Starts the requests of one loop's connections when they are due, in turn. On that loop.
final class PacedRequests implements Runnable {

    private final Tally tally;
    private final List<Paced> clients;
    private int next;

    /// A connection and when its requests are due.
    record Paced(RequestClient client, RequestClient.Due due) {}

    PacedRequests(Tally tally, List<Paced> clients) {
        this.tally = tally;
        this.clients = clients;
    }

    @Override
    public void run() {
        while (true) {
            Paced paced = clients.get(next);
            long nowNs = System.nanoTime();
            long dueNs = paced.due().nextNs();
            if (dueNs > tally.endNs()) {
                clients.forEach(each -> each.client().finish());
                return;
            }
            if (dueNs > nowNs) {
                var _ = tally.loop.schedule(this, dueNs - nowNs, TimeUnit.NANOSECONDS);
                return;
            }
            paced.client().start(nowNs);
            next = (next + 1) % clients.size();
        }
    }
}
