package io.fairlead.lab;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.concurrent.Callable;

/// A node, a pod or a client of a lab: a namespace and its address of each family.
///
/// @param name short, as in the picture of [Lab]
public record Host(String name, Netns netns, Inet4Address ipv4, Inet6Address ipv6) {

    public InetAddress address(ProtocolFamily family) {
        return family == StandardProtocolFamily.INET ? ipv4 : ipv6;
    }

    /// Its address of the family of another.
    public InetAddress addressLike(InetAddress other) {
        return other instanceof Inet4Address ? ipv4 : ipv6;
    }

    public InetSocketAddress at(ProtocolFamily family, int port) {
        return new InetSocketAddress(address(family), port);
    }

    /// As [Netns#run].
    public <T> T run(Callable<T> task) throws Exception {
        return netns.run(task);
    }

    /// As [Netns#exec].
    public String exec(String... command) {
        return netns.exec(command);
    }

    /// Runs `ip` here with these lines, as one batch.
    public void ip(String... lines) {
        Programs.run(
                List.of("ip", "-n", netns.name(), "-batch", "-"), String.join("\n", lines) + "\n");
    }

    @Override
    public String toString() {
        return name;
    }
}
