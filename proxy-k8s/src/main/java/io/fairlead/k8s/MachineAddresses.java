package io.fairlead.k8s;

import io.fairlead.core.service.IpAddress;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.Set;

/// The addresses of this machine's interfaces.
final class MachineAddresses {

    private MachineAddresses() {}

    /// As they are now; 127.0.0.1 is always among them.
    static Set<IpAddress> read() {
        Set<IpAddress> addresses = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(IpAddress::of)
                    .forEach(addresses::add);
        } catch (SocketException _) {
            // No interface can be read: loopback is there all the same.
        }
        addresses.add(IpAddress.of(InetAddress.ofLiteral("127.0.0.1")));
        return addresses;
    }
}
