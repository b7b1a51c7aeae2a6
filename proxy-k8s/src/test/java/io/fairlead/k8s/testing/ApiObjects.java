package io.fairlead.k8s.testing;

/// JSON of API objects, as [FakeApiServer#put] takes it.
public final class ApiObjects {
    private ApiObjects() {}

    public static String service(String clusterIp, int port) {
        return """
        ,"spec":{"type":"ClusterIP","clusterIP":"%s","clusterIPs":["%s"],"ipFamilies":["IPv4"],\
        "ports":[{"name":"http","port":%d,"protocol":"TCP"}]}\
        """
                .formatted(clusterIp, clusterIp, port);
    }

    public static String slice(String service, String address, int port) {
        return """
        labels:{"kubernetes.io/service-name":"%s"},"addressType":"IPv4",\
        "ports":[{"name":"http","port":%d,"protocol":"TCP"}],\
        "endpoints":[{"addresses":["%s"],"conditions":{"ready":true}}]\
        """
                .formatted(service, port, address);
    }

    public static String node(String zone) {
        return "labels:{\"topology.kubernetes.io/zone\":\"" + zone + "\"}";
    }

    public static String serviceCidr(String range) {
        return ",\"spec\":{\"cidrs\":[\"" + range + "\"]}";
    }
}
