package io.fairlead.bench.load;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The generator's program. Reads a [LoadRequest] a line, as JSON, and answers each with a
/// [LoadResult]. Ends with its input.
public final class LoadMain {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Loops loops = new Loops(2);

    /// Connections that stay, of [LoadRequest.Kind#HOLD].
    private final List<Client> kept = new ArrayList<>();

    private LoadMain() {}

    public static void main(String[] args) throws Exception {
        LoadMain program = new LoadMain();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            LoadResult result;
            try {
                result = program.run(JSON.readValue(line, LoadRequest.class));
            } catch (Exception e) {
                result = new LoadResult(0, 0, 1, e.toString(), 1, "", 0);
            }
            System.out.println(JSON.writeValueAsString(result));
        }
        System.exit(0);
    }

    private LoadResult run(LoadRequest request) throws Exception {
        Path namespace = Path.of(request.namespace());
        InetSocketAddress to =
                new InetSocketAddress(InetAddress.ofLiteral(request.host()), request.port());
        return switch (request.kind()) {
            case UDP_PROBE -> new UdpLoad(namespace, to, true).probe();
            case UDP_KNOWN -> new UdpLoad(namespace, to, false).run(request.seconds());
            case UDP_NEW -> new UdpLoad(namespace, to, true).run(request.seconds());
            case RELEASE -> release();
            case HOLD -> hold(request);
            case PROBE, BULK, REQUESTS, CONNECT -> {
                try (Load load = new Load(request, loops)) {
                    yield run(request.kind(), load);
                }
            }
        };
    }

    private static LoadResult run(LoadRequest.Kind kind, Load load) throws Exception {
        return switch (kind) {
            case BULK -> load.bulk();
            case REQUESTS -> load.requests();
            case CONNECT -> load.connect();
            default -> load.probe();
        };
    }

    /// The load stays open as long as its connections.
    @SuppressWarnings("resource")
    private LoadResult hold(LoadRequest request) throws Exception {
        return new Load(request, loops).hold(kept);
    }

    private LoadResult release() throws Exception {
        for (Client client : kept) {
            Loops.on(
                    client.tally.loop,
                    () -> {
                        client.close();
                        return true;
                    });
        }
        LoadResult result = new LoadResult(kept.size(), 0, 0, "", 1, "", 0);
        kept.clear();
        return result;
    }
}
