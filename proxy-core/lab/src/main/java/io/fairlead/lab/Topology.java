package io.fairlead.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// What a lab consists of, as the lines that `ip` is given in each namespace.
///
/// Pods hang on their node as Calico's do: a veth each, no address on the node's side, one fixed
/// hardware address there, a route per pod. The bridge is as flannel's and kind's: a gateway
/// address on it and pods that see each other at layer 2.
class Topology {

    /// The node's side of each pod's link.
    private static final String GATEWAY_MAC = "ee:ee:ee:ee:ee:ee";

    /// What IPv6 makes of that hardware address.
    private static final String GATEWAY6 = "fe80::ecee:eeff:feee:eeee";

    /// Never assigned to anything: pods know its hardware address.
    private static final String GATEWAY4 = "169.254.1.1";

    private static final String BRIDGE4 = "10.244.1.129";
    private static final String BRIDGE6 = "fd00:10:244:1:80::129";

    /// A switch has no address; the fabric is all that happens in it.
    private static final String FABRIC = "sw";

    private enum Kind {
        FABRIC,
        MACHINE,
        ROUTED_POD,
        BRIDGE_POD
    }

    /// @param on the node of a pod, empty for what hangs on the fabric
    private record Place(Kind kind, String on, String ipv4, String ipv6) {}

    private final Map<String, Place> places = new LinkedHashMap<>();

    Topology(Set<Lab.Part> parts) {
        places.put(FABRIC, new Place(Kind.FABRIC, "", "", ""));
        machine("n1", "1");
        machine("n2", "2");
        machine("out", "100");
        pod(Kind.ROUTED_POD, "p1", "n1", "10.244.1.10", "fd00:10:244:1::10");
        pod(Kind.ROUTED_POD, "b1", "n1", "10.244.1.11", "fd00:10:244:1::11");
        pod(Kind.ROUTED_POD, "b2", "n1", "10.244.1.12", "fd00:10:244:1::12");
        pod(Kind.ROUTED_POD, "b3", "n2", "10.244.2.11", "fd00:10:244:2::11");
        pod(Kind.ROUTED_POD, "b4", "n2", "10.244.2.12", "fd00:10:244:2::12");
        if (parts.contains(Lab.Part.BRIDGE)) {
            pod(Kind.BRIDGE_POD, "br1", "n1", "10.244.1.130", "fd00:10:244:1:80::130");
            pod(Kind.BRIDGE_POD, "br2", "n1", "10.244.1.131", "fd00:10:244:1:80::131");
        }
        if (parts.contains(Lab.Part.OTHER_SUBNET)) {
            pod(Kind.ROUTED_POD, "s1", "n1", "10.244.200.10", "fd00:10:244:200::10");
        }
    }

    private void machine(String name, String number) {
        places.put(name, new Place(Kind.MACHINE, "", "192.168.50." + number, "fd00:50::" + number));
    }

    private void pod(Kind kind, String name, String node, String ipv4, String ipv6) {
        places.put(name, new Place(kind, node, ipv4, ipv6));
    }

    /// The hosts that can speak, and the fabric.
    Set<String> names() {
        return places.keySet();
    }

    /// Whether a host has addresses.
    boolean speaks(String name) {
        return place(name).kind() != Kind.FABRIC;
    }

    boolean isNode(String name) {
        return name.equals("n1") || name.equals("n2");
    }

    String ipv4(String name) {
        return place(name).ipv4();
    }

    String ipv6(String name) {
        return place(name).ipv6();
    }

    private Place place(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException(
                    name + " is not in this lab, which has " + places.keySet());
        }
        return place;
    }

    /// The links that are made from a host; their far ends are put where they belong.
    ///
    /// @param prefix what namespace names begin with
    List<String> links(String name, String prefix) {
        List<String> lines = new ArrayList<>(List.of("link set lo up"));
        if (place(name).kind() == Kind.FABRIC) {
            lines.addAll(bridge("br0"));
            machines().forEach(machine -> lines.addAll(link(machine, prefix, "br0")));
        }
        if (pods(name).anyMatch(pod -> place(pod).kind() == Kind.BRIDGE_POD)) {
            lines.addAll(bridge("cni0"));
            lines.add("addr add " + BRIDGE4 + "/25 dev cni0");
            lines.add("addr add " + BRIDGE6 + "/80 dev cni0 nodad");
        }
        pods(name).forEach(pod -> lines.addAll(podLink(pod, prefix)));
        return lines;
    }

    private static List<String> bridge(String name) {
        return List.of(
                "link add " + name + " type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
                "link set " + name + " up");
    }

    private static List<String> link(String to, String prefix, String bridge) {
        return List.of(
                "link add veth-" + to + " type veth peer name eth0 netns " + prefix + to,
                "link set veth-" + to + " master " + bridge + " up");
    }

    private List<String> podLink(String pod, String prefix) {
        if (place(pod).kind() == Kind.BRIDGE_POD) {
            return link(pod, prefix, "cni0");
        }
        return List.of(
                "link add veth-"
                        + pod
                        + " address "
                        + GATEWAY_MAC
                        + " type veth peer name eth0 netns "
                        + prefix
                        + pod,
                "link set veth-" + pod + " up");
    }

    /// The addresses of a host and its ways to others; every link exists when they are given.
    List<String> addresses(String name) {
        Place place = place(name);
        return switch (place.kind()) {
            case FABRIC -> List.of();
            case MACHINE -> machineAddresses(name, place);
            case ROUTED_POD -> routedPod(place);
            case BRIDGE_POD -> bridgePod(place);
        };
    }

    private List<String> machineAddresses(String name, Place place) {
        List<String> lines = new ArrayList<>();
        lines.add("link set eth0 up");
        lines.add("addr add " + place.ipv4() + "/24 dev eth0");
        lines.add("addr add " + place.ipv6() + "/64 dev eth0 nodad");
        pods(name)
                .filter(pod -> place(pod).kind() == Kind.ROUTED_POD)
                .forEach(pod -> {
                    String on = " dev veth-" + pod + " src ";
                    lines.add("route add " + ipv4(pod) + on + place.ipv4());
                    lines.add("route add " + ipv6(pod) + on + place.ipv6());
                });
        String to1 = " via " + ipv4("n1");
        String to1v6 = " via " + ipv6("n1");
        if (!name.equals("n1")) {
            for (String cidr : Lab.CIDRS_OF_NODE_1) {
                lines.add("route add " + cidr + (cidr.contains(":") ? to1v6 : to1));
            }
        }
        if (!name.equals("n2")) {
            lines.add("route add 10.244.2.0/24 via " + ipv4("n2"));
            lines.add("route add fd00:10:244:2::/64 via " + ipv6("n2"));
        }
        if (!name.equals("out")) {
            lines.add("route add default via " + ipv4("out"));
            lines.add("route add default via " + ipv6("out"));
        }
        return lines;
    }

    private static List<String> routedPod(Place place) {
        return List.of(
                "link set eth0 up",
                "addr add " + place.ipv4() + "/32 dev eth0",
                "addr add " + place.ipv6() + "/128 dev eth0 nodad",
                "neigh add " + GATEWAY4 + " lladdr " + GATEWAY_MAC + " dev eth0 nud permanent",
                "neigh add " + GATEWAY6 + " lladdr " + GATEWAY_MAC + " dev eth0 nud permanent",
                "route add default via " + GATEWAY4 + " dev eth0 onlink",
                "route add default via " + GATEWAY6 + " dev eth0");
    }

    private static List<String> bridgePod(Place place) {
        return List.of(
                "link set eth0 up",
                "addr add " + place.ipv4() + "/25 dev eth0",
                "addr add " + place.ipv6() + "/80 dev eth0 nodad",
                "route add default via " + BRIDGE4,
                "route add default via " + BRIDGE6);
    }

    private Stream<String> machines() {
        return places.keySet().stream().filter(name -> place(name).kind() == Kind.MACHINE);
    }

    private Stream<String> pods(String node) {
        return places.keySet().stream().filter(name -> place(name).on().equals(node));
    }
}
