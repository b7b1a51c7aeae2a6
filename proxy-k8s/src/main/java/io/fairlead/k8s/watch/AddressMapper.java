package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.cluster.AddressField;
import io.fairlead.k8s.cluster.ClusterIps;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ServiceAddresses;
import io.fairlead.k8s.cluster.ServiceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The addresses of a Service.
final class AddressMapper {
    private static final String HEADLESS = "None";

    private AddressMapper() {}

    static ServiceAddresses map(
            ServiceType type,
            ServiceSpec spec,
            @Nullable ServiceStatus status,
            FieldReader reader) {
        List<AddressField> external = new ArrayList<>();
        reader.each(
                "spec.externalIPs",
                spec.getExternalIPs(),
                (field, value) -> add(external, field, value, reader));
        return new ServiceAddresses(
                clusterIps(type, spec, reader), external, ingress(status, reader));
    }

    private static void add(
            List<AddressField> to, String field, @Nullable String value, FieldReader reader) {
        IpAddress address = reader.address(field, value);
        if (address != null) {
            to.add(new AddressField(address, field));
        }
    }

    private static ClusterIps clusterIps(ServiceType type, ServiceSpec spec, FieldReader reader) {
        String clusterIp = spec.getClusterIP();
        if (clusterIp == null || clusterIp.isEmpty()) {
            if (type != ServiceType.EXTERNAL_NAME) {
                reader.problem(
                        "spec.clusterIP",
                        "absent; the Service is not served, give it the address that clients use");
            }
            return ClusterIps.NONE;
        }
        if (clusterIp.equals(HEADLESS)) {
            return new ClusterIps(true, null, List.of(), false);
        }
        List<AddressField> primary = new ArrayList<>();
        add(primary, "spec.clusterIP", clusterIp, reader);
        List<String> families = spec.getIpFamilies();
        boolean given = families != null && !families.isEmpty();
        return new ClusterIps(
                false,
                primary.isEmpty() ? null : primary.getFirst(),
                given ? byFamily(spec, primary, reader) : List.of(),
                given);
    }

    private static List<AddressField> byFamily(
            ServiceSpec spec, List<AddressField> primary, FieldReader reader) {
        List<String> written = spec.getClusterIPs();
        if (written == null || written.isEmpty()) {
            // The API server fills the list from the single field; manifests may not have been
            // there.
            return primary;
        }
        List<AddressField> agreeing = new ArrayList<>();
        reader.each(
                "spec.ipFamilies",
                spec.getIpFamilies(),
                (field, value) -> {
                    int index = ServiceMapper.index(field);
                    IpFamily family = family(field, value, reader);
                    if (family != null && index < written.size()) {
                        addAgreeing(agreeing, index, written.get(index), family, reader);
                    }
                });
        return agreeing;
    }

    private static void addAgreeing(
            List<AddressField> agreeing,
            int index,
            @Nullable String value,
            IpFamily family,
            FieldReader reader) {
        String field = "spec.clusterIPs[" + index + "]";
        IpAddress address = reader.address(field, value);
        if (address == null) {
            return;
        }
        if (address.family() != family) {
            reader.problem(
                    field,
                    "%s is not of the family in spec.ipFamilies[%d]; it is ignored, let them agree"
                            .formatted(Problem.quote(address.toString()), index));
        } else {
            agreeing.add(new AddressField(address, index == 0 ? "spec.clusterIP" : field));
        }
    }

    static @Nullable IpFamily family(String field, String value, FieldReader reader) {
        return switch (value) {
            case "IPv4" -> IpFamily.IPV4;
            case "IPv6" -> IpFamily.IPV6;
            default -> {
                reader.problem(
                        field,
                        Problem.quote(value) + " is not known; it is ignored, use IPv4 or IPv6");
                yield null;
            }
        };
    }

    private static List<ServiceAddresses.LoadBalancerIngress> ingress(
            @Nullable ServiceStatus status, FieldReader reader) {
        List<ServiceAddresses.LoadBalancerIngress> all = new ArrayList<>();
        if (status == null || status.getLoadBalancer() == null) {
            return all;
        }
        reader.each(
                "status.loadBalancer.ingress",
                status.getLoadBalancer().getIngress(),
                (field, entry) -> {
                    IpAddress address = reader.address(field + ".ip", entry.getIp());
                    if (address != null) {
                        AddressField at = new AddressField(address, field + ".ip");
                        boolean vip = isVip(field, entry, reader);
                        all.add(new ServiceAddresses.LoadBalancerIngress(at, vip));
                    }
                });
        return all;
    }

    private static boolean isVip(String field, LoadBalancerIngress entry, FieldReader reader) {
        String mode = entry.getIpMode();
        boolean vip = mode == null || mode.equals("VIP");
        if (!vip && !mode.equals("Proxy")) {
            reader.problem(
                    field + ".ipMode",
                    Problem.quote(mode) + " is not known; it counts as Proxy, use VIP or Proxy");
        }
        return vip;
    }
}
