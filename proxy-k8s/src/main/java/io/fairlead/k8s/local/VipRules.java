package io.fairlead.k8s.local;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.SpecialAddress;
import io.fairlead.core.service.Vip;
import io.fairlead.k8s.cluster.AddressField;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ProblemList;
import io.fairlead.k8s.cluster.ServiceAddresses.LoadBalancerIngress;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The addresses of a Service in one IP family (SEMANTICS A2.3, A2.11 to A2.13, A8).
///
/// @param loadBalancers addresses that nodes are to serve themselves
/// @param sourceRanges clients that may use those; empty means all
record VipRules(
        ServiceSpec service,
        IpFamily family,
        AddressField clusterIp,
        List<AddressField> loadBalancers,
        List<AddressField> externalIps,
        List<Cidr> sourceRanges) {

    /// Null where the Service does not exist for the family.
    static @Nullable VipRules of(
            ServiceSpec service, IpFamily family, ThisNode node, ProblemList problems) {
        AddressField clusterIp = service.addresses().clusterIps().of(family);
        if (clusterIp == null || !isFit(clusterIp, service, problems)) {
            return null;
        }
        List<AddressField> external =
                allowed(
                        fit(service.addresses().externalIps().stream(), service, family, problems),
                        service,
                        node,
                        problems);
        Stream<AddressField> ingress =
                service.addresses().ingress().stream()
                        .filter(LoadBalancerIngress::vip)
                        .map(LoadBalancerIngress::at);
        List<AddressField> balancers = fit(ingress, service, family, problems);
        List<Cidr> ranges = service.policy().sourceRanges().of(family);
        if (ranges.isEmpty() && service.policy().sourceRanges().unreadable()) {
            // What nobody can read may have been meant for this family: closed, not open.
            balancers = List.of();
        }
        return new VipRules(
                service, family, clusterIp, balancers, external, open(ranges, balancers, node));
    }

    private static List<AddressField> fit(
            Stream<AddressField> addresses,
            ServiceSpec service,
            IpFamily family,
            ProblemList problems) {
        return addresses
                .filter(a -> a.address().family() == family)
                .filter(a -> isFit(a, service, problems))
                .toList();
    }

    /// External IPs within the operator's rule. What it lets pass and belongs to somebody else as
    /// well is served all the same, as kube-proxy does, and said.
    private static List<AddressField> allowed(
            List<AddressField> external, ServiceSpec service, ThisNode node, ProblemList problems) {
        List<AddressField> served = new ArrayList<>();
        for (AddressField at : external) {
            String value = Problem.quote(at.address().toString());
            if (!node.options().externalIps().allows(at.address())) {
                problems.add(
                        service.key(),
                        at.field(),
                        value
                                + " is not among the external IPs that capture.externalIps allows;"
                                + " it is not served, choose another or extend the setting");
                continue;
            }
            served.add(at);
            String owner = ExternalIpRule.owner(at.address(), node.network());
            if (owner != null) {
                problems.add(
                        service.key(),
                        at.field(),
                        value
                                + " is "
                                + owner
                                + ", whose clients at this port the Service takes; choose another,"
                                + " or limit external IPs by capture.externalIps");
            }
        }
        return served;
    }

    private static boolean isFit(AddressField at, ServiceSpec service, ProblemList problems) {
        SpecialAddress refusal = BackendAddressRule.vipRefusal(at.address());
        if (refusal != null) {
            String value = Problem.quote(at.address().toString());
            problems.add(
                    service.key(),
                    at.field(),
                    value + " is " + refusal + ", at which nothing is served; choose another");
        }
        return refusal == null;
    }

    /// A range that lets this node in lets in what it sends from its own load-balancer addresses
    /// (SEMANTICS A8.5).
    private static List<Cidr> open(List<Cidr> ranges, List<AddressField> balancers, ThisNode node) {
        boolean admitsNode =
                ranges.stream().anyMatch(r -> node.addresses().stream().anyMatch(r::contains));
        if (!admitsNode) {
            return ranges;
        }
        List<Cidr> all = new ArrayList<>(ranges);
        for (AddressField balancer : balancers) {
            IpAddress address = balancer.address();
            all.add(new Cidr(address, address.family().bits()));
        }
        return all;
    }

    /// Whether the port has a VIP for clients outside the cluster (SEMANTICS A2.8).
    boolean isExternallyAccessible(ServicePortSpec port) {
        return port.nodePort() != 0 || !loadBalancers.isEmpty() || !externalIps.isEmpty();
    }

    /// The port's claims, each address once: where two kinds have the same, the one with the
    /// stricter rules stands, which is the first in the order of [Vip.Kind].
    List<Claim> claims(ServicePortName name, ServicePortSpec port) {
        Map<Vip, Claim> claims = new TreeMap<>();
        add(claims, name, port, Vip.Kind.CLUSTER_IP, List.of(clusterIp));
        if (port.nodePort() != 0) {
            Vip vip = Vip.nodePort(family, port.nodePort());
            claims.put(vip, claim(name, port, vip, port.field("nodePort")));
        }
        add(claims, name, port, Vip.Kind.LOAD_BALANCER, loadBalancers);
        add(claims, name, port, Vip.Kind.EXTERNAL_IP, externalIps);
        Map<Claim.Key, Claim> distinct = new TreeMap<>(Comparator.comparing(Claim.Key::at));
        claims.values().forEach(c -> distinct.putIfAbsent(c.key(), c));
        return List.copyOf(distinct.values());
    }

    private void add(
            Map<Vip, Claim> claims,
            ServicePortName name,
            ServicePortSpec port,
            Vip.Kind kind,
            List<AddressField> addresses) {
        for (AddressField at : addresses) {
            Vip vip = Vip.of(kind, at.address(), port.port());
            claims.putIfAbsent(vip, claim(name, port, vip, at.field()));
        }
    }

    private Claim claim(ServicePortName name, ServicePortSpec port, Vip vip, String field) {
        return new Claim(name, service.traits().created(), port.index(), vip, field);
    }
}
