package io.fairlead.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The server's program. Reads where to listen, a line each, and says so when it does:
///
/// `NAMESPACE ADDRESS STEADY-PORT BRIEF-PORT UDP-PORT`
///
/// Connections at the steady port are dealt to the loops in turn; at the brief port each loop
/// accepts its own. Ends with its input.
public final class ServerMain {

    private static final int LOOPS = 2;

    private ServerMain() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<AutoCloseable> open = new ArrayList<>();
        try (Loops loops = new Loops(LOOPS)) {
            List<ServerListener.Place> places =
                    loops.all().stream()
                            .map(loop ->
                                    new ServerListener.Place(
                                            loop,
                                            Arena.global().allocate(ServerConnection.BUFFER, 8)))
                            .toList();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(listen(line, loops, places, open));
            }
        }
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static String listen(
            String line, Loops loops, List<ServerListener.Place> places, List<AutoCloseable> open)
            throws Exception {
        List<String> words = List.of(line.split(" ", -1));
        Path namespace = Path.of(words.get(0));
        InetAddress address = InetAddress.ofLiteral(words.get(1));
        try {
            loops.enter(namespace);
            listen(at(address, words.get(2)), places.getFirst(), places);
            for (ServerListener.Place place : places) {
                listen(at(address, words.get(3)), place, List.of(place));
            }
            open.add(UdpServer.start(namespace, at(address, words.get(4))));
            return "listens";
        } catch (IOException e) {
            return "failed: " + e.getMessage();
        }
    }

    private static InetSocketAddress at(InetAddress address, String port) {
        return new InetSocketAddress(address, Integer.parseInt(port));
    }

    private static void listen(
            InetSocketAddress at, ServerListener.Place owner, List<ServerListener.Place> places)
            throws Exception {
        Loops.on(owner.loop(), () -> ServerListener.bind(at, owner.loop(), places));
    }
}
