package io.fairlead.core;

import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.tcp.TcpRelay;
import io.fairlead.core.udp.UdpRelay;
import java.io.IOException;
import java.util.List;

/// The relays of both protocols, for capture to lead clients to.
record Relays(TcpRelay tcp, UdpRelay udp) implements Acceptor {

    @Override
    public Listener listen(Frontend frontend) throws IOException {
        return switch (frontend.protocol()) {
            case TCP -> tcp.listen(frontend.at());
            case UDP -> udp.listen(frontend);
        };
    }

    @Override
    public List<Listener> listenForLed(IpFamily family) throws IOException {
        return tcp.listenForLed(family);
    }
}
