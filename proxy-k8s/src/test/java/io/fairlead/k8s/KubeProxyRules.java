package io.fairlead.k8s;

import io.fairlead.lab.Host;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a kube-proxy in nftables mode has on a node, as far as packets to ClusterIPs meet it: the
/// destination is rewritten before routing, and what is left of the service range is dropped. They
/// stay when it goes, as kube-proxy's do.
record KubeProxyRules(Host node) implements AutoCloseable {

    /// Leads port 80 of a ClusterIP to one backend.
    static KubeProxyRules lead(Host node, Path folder, String vip, Host backend, int port)
            throws Exception {
        Path file = folder.resolve("kube-proxy.nft");
        String rules =
                """
                table ip kube-proxy {
                  map service-ips {
                    type ipv4_addr . inet_proto . inet_service : verdict
                    elements = { %1$s . tcp . 80 : goto service }
                  }
                  set cluster-ips {
                    type ipv4_addr
                    elements = { %1$s }
                  }
                  chain service {
                    meta l4proto tcp dnat to %2$s:%3$d
                  }
                  chain services {
                    ip daddr . meta l4proto . th dport vmap @service-ips
                  }
                  chain cluster-ips-check {
                    ip daddr @cluster-ips reject
                    ip daddr 10.96.0.0/16 drop
                  }
                  chain nat-prerouting {
                    type nat hook prerouting priority dstnat; policy accept
                    jump services
                  }
                  chain nat-output {
                    type nat hook output priority -100; policy accept
                    jump services
                  }
                  chain filter-forward {
                    type filter hook forward priority -99; policy accept
                    ct state new jump cluster-ips-check
                  }
                  chain filter-output-post-dnat {
                    type filter hook output priority -90; policy accept
                    ct state new jump cluster-ips-check
                  }
                }
                """
                        .formatted(vip, backend.ipv4().getHostAddress(), port);
        Files.writeString(file, rules);
        node.exec("nft", "-f", file.toString());
        return new KubeProxyRules(node);
    }

    /// As `kube-proxy --cleanup` does.
    @Override
    public void close() {
        node.exec("nft", "delete", "table", "ip", "kube-proxy");
    }
}
