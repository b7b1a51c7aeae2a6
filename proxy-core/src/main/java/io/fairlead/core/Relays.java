package io.fairlead.core;

import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.tcp.TcpRelay;
import io.fairlead.core.udp.UdpRelay;
import java.io.IOException;
import java.util.List;

/// The relays of both protocols, for capture to lead clients to. Where another agent has left
/// sockets, these are taken rather than new ones made.
record Relays(TcpRelay tcp, UdpRelay udp, Inheritance inherited) implements Acceptor {

    @Override
    public Listener listen(Frontend frontend) throws IOException {
        List<Integer> left = inherited.takeAt(frontend);
        if (!left.isEmpty()) {
            return frontend.protocol() == Protocol.TCP
                    ? tcp.adopt(frontend.at(), left.getFirst())
                    : udp.adopt(frontend, left);
        }
        return switch (frontend.protocol()) {
            case TCP -> tcp.listen(frontend.at());
            case UDP -> udp.listen(frontend);
        };
    }

    @Override
    public List<Listener> listenForLed(IpFamily family) throws IOException {
        List<Integer> left = inherited.takeLed(family);
        return left.isEmpty() ? tcp.listenForLed(family) : tcp.adoptForLed(family, left);
    }
}
