package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import java.nio.file.Files;
import java.nio.file.Path;

/// A peer in a lab of its own: its client, node and backends share no address, port, connection
/// table or firewall rule with those of another peer.
final class Site implements AutoCloseable {

    private final Peer peer;
    private final Layout layout;
    private final Lab lab;
    private final Peer.Running running;

    private Site(Peer peer, Layout layout, Lab lab, Peer.Running running) {
        this.peer = peer;
        this.layout = layout;
        this.lab = lab;
        this.running = running;
    }

    /// Makes the lab, has the server listen, and starts the peer, which may not serve yet.
    static Site open(Peer peer, Layout layout, HelperProcess server, Path work) throws Exception {
        Lab lab = Lab.open();
        try {
            for (Host host : lab.hosts()) {
                settings(host);
            }
            for (Host host : layout.live(lab)) {
                String answer =
                        server.ask(
                                "%s %s %d %d %d"
                                        .formatted(
                                                namespace(host),
                                                host.ipv4().getHostAddress(),
                                                Layout.STEADY,
                                                Layout.BRIEF,
                                                Layout.UDP_SERVER));
                if (!answer.equals("listens")) {
                    throw new IllegalStateException("the server on " + host + " " + answer);
                }
            }
            Path folder = Files.createTempDirectory(work, peer.id() + "-");
            return new Site(peer, layout, lab, peer.start(lab, layout, folder));
        } catch (Exception e) {
            lab.close();
            throw e;
        }
    }

    /// The same on every host, whatever the machine's are.
    private static void settings(Host host) {
        Cubic.chooseOn(host);
        host.netns().sysctl("net/ipv4/ip_local_port_range", "1024 65535");
        host.netns().sysctl("net/ipv4/tcp_tw_reuse", "1");
        host.netns().sysctl("net/core/somaxconn", "65535");
    }

    private static String namespace(Host host) {
        return "/run/netns/" + host.netns().name();
    }

    Peer peer() {
        return peer;
    }

    /// The host that the peer runs on.
    Host node() {
        return lab.n1();
    }

    Layout layout() {
        return layout;
    }

    Peer.Running running() {
        return running;
    }

    /// A load from the client's pod through the first Service.
    ///
    /// @param port one of [Layout]
    LoadRequest load(LoadRequest.Kind kind, int port) {
        return load(kind, port, 0);
    }

    /// The same through a Service, by its number.
    LoadRequest load(LoadRequest.Kind kind, int port, int service) {
        return LoadRequest.of(
                kind, namespace(lab.p1()), running.address(service), running.port(port));
    }

    @Override
    public void close() {
        running.close();
        lab.close();
    }
}
