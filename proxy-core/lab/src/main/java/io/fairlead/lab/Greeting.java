package io.fairlead.lab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The one line of [WhoAmI]: `NAME PEER-ADDRESS PEER-PORT OWN-ADDRESS OWN-PORT`.
final class Greeting {

    private Greeting() {}

    static byte[] of(String name, InetSocketAddress peer, InetSocketAddress own) {
        String line =
                String.join(
                                " ",
                                name,
                                peer.getAddress().getHostAddress(),
                                Integer.toString(peer.getPort()),
                                own.getAddress().getHostAddress(),
                                Integer.toString(own.getPort()))
                        + "\n";
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    static Outcome read(String line, InetSocketAddress client) {
        List<String> fields = List.of(line.strip().split(" ", -1));
        if (fields.size() != 5) {
            throw new IllegalStateException("not an answer of WhoAmI: " + line);
        }
        return new Outcome.Answered(
                fields.get(0),
                InetAddress.ofLiteral(fields.get(1)),
                Integer.parseInt(fields.get(2)),
                InetAddress.ofLiteral(fields.get(3)),
                Integer.parseInt(fields.get(4)),
                client.getAddress(),
                client.getPort());
    }
}
