package io.fairlead.bench.run;

import java.util.List;

/// How much is measured.
///
/// @param warmUp seconds before the first round of each cell and peer
/// @param streams at once, of bulk
/// @param requests their bytes and how many connections
/// @param services how many there are
/// @param idle connections that do nothing
record Scale(
        String mode,
        int rounds,
        double seconds,
        double warmUp,
        List<Integer> streams,
        List<Requests> requests,
        List<Integer> services,
        int idle) {

    record Requests(int bytes, int connections) {}

    static final Scale QUICK =
            new Scale(
                    "quick",
                    3,
                    0.4,
                    0.2,
                    List.of(1, 64),
                    List.of(new Requests(64, 1), new Requests(64, 50), new Requests(4096, 50)),
                    List.of(10, 10_000),
                    2_000);

    static final Scale FULL =
            new Scale(
                    "full",
                    5,
                    1.5,
                    0.5,
                    List.of(1, 8, 64),
                    List.of(
                            new Requests(64, 1),
                            new Requests(64, 50),
                            new Requests(64, 200),
                            new Requests(4096, 1),
                            new Requests(4096, 50),
                            new Requests(4096, 200)),
                    List.of(10, 1_000, 10_000),
                    5_000);

    Scale rounds(int count) {
        return new Scale(mode, count, seconds, warmUp, streams, requests, services, idle);
    }

    Scale seconds(double each) {
        double warm = Math.min(warmUp, each);
        return new Scale(mode, rounds, each, warm, streams, requests, services, idle);
    }

    /// What a cell takes of each peer, with what is around a round.
    double perShot() {
        return warmUp + rounds * seconds + (rounds + 1) * 0.08;
    }
}
