package io.fairlead.bench.peer;

import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import java.util.List;
import java.util.stream.Stream;

/// What a peer leads to in its lab.
///
/// @param backends how many there are, of the four pods of a lab; the first is on the client's node
/// @param dead how many of them, from the last, have nothing at their ports
/// @param services how many there are, with the same backends; the first has all ports, others
///   [#BRIEF]
public record Layout(int backends, int dead, int services) {

    /// One backend, ten Services.
    public static final Layout USUAL = new Layout(1, 0, 10);

    /// Where connections that stay come: the server deals them to its loops.
    public static final int STEADY = 8080;

    /// Where connections that come and go do.
    public static final int BRIEF = 8081;

    /// Datagrams of flows that last.
    public static final int UDP_KNOWN = 8082;

    /// Questions of DNS, each a flow: a port that proxies know for that.
    public static final int UDP_NEW = 53;

    /// Where the server has both kinds of datagrams.
    public static final int UDP_SERVER = 9090;

    public static final List<Integer> TCP_PORTS = List.of(STEADY, BRIEF);
    public static final List<Integer> UDP_PORTS = List.of(UDP_KNOWN, UDP_NEW);

    private static final int VIPS_PER_NET = 250;

    /// Where something listens.
    public List<Host> live(Lab lab) {
        return pods(lab).limit((long) backends - dead).toList();
    }

    /// The addresses of all, of the dead as well.
    public List<String> addresses(Lab lab) {
        return pods(lab).limit(backends).map(pod -> pod.ipv4().getHostAddress()).toList();
    }

    private static Stream<Host> pods(Lab lab) {
        return Stream.of(lab.b1(), lab.b2(), lab.b3(), lab.b4());
    }

    /// The VIP of a Service, by its number from 0.
    public static String vip(int service) {
        return "10.96." + (1 + service / VIPS_PER_NET) + "." + (1 + service % VIPS_PER_NET);
    }

    public String lastVip() {
        return vip(services - 1);
    }
}
