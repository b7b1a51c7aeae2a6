package io.fairlead.k8s.testing;

import java.util.Collection;

/// The texts in which an API server speaks.
final class ApiJson {

    private static final int GONE = 410;

    private ApiJson() {}

    /// An object; `json` is what comes after its metadata, led by `labels:{...}` and then
    /// `annotations:{...}` if it has any.
    static String object(String resource, String name, String json, long version) {
        boolean namespaced = resource.equals("services") || resource.equals("endpointslices");
        String labels = json.startsWith("labels:") ? json.substring(7, json.indexOf('}') + 1) : "";
        String rest = labels.isEmpty() ? json : json.substring(json.indexOf('}') + 1);
        String notes = "";
        if (rest.startsWith("annotations:")) {
            notes = ",\"annotations\":" + rest.substring(12, rest.indexOf('}') + 1);
            rest = rest.substring(rest.indexOf('}') + 1);
        }
        return """
        {"kind":"%s","apiVersion":"%s","metadata":{"name":"%s","uid":"%s"%s,"resourceVersion":"%d"%s}%s}\
        """
                .formatted(
                        kind(resource),
                        apiVersion(resource),
                        name,
                        uid(resource, name),
                        namespaced ? ",\"namespace\":\"default\"" : "",
                        version,
                        (labels.isEmpty() ? "" : ",\"labels\":" + labels) + notes,
                        rest);
    }

    static String uid(String resource, String name) {
        return resource + "/" + name;
    }

    private static String kind(String resource) {
        return switch (resource) {
            case "services" -> "Service";
            case "endpointslices" -> "EndpointSlice";
            case "nodes" -> "Node";
            case "servicecidrs" -> "ServiceCIDR";
            default -> throw new IllegalArgumentException(resource);
        };
    }

    private static String apiVersion(String resource) {
        return switch (resource) {
            case "endpointslices" -> "discovery.k8s.io/v1";
            case "servicecidrs" -> "networking.k8s.io/v1";
            default -> "v1";
        };
    }

    static String list(String resource, long version, Collection<String> items) {
        return """
        {"kind":"%sList","apiVersion":"%s","metadata":{"resourceVersion":"%d"},"items":[%s]}\
        """
                .formatted(kind(resource), apiVersion(resource), version, String.join(",", items));
    }

    /// One line of a watch.
    static String event(String type, String object) {
        return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
    }

    static String bookmark(String resource, long version) {
        return event(
                "BOOKMARK",
                """
                {"kind":"%s","apiVersion":"%s","metadata":{"resourceVersion":"%d"}}\
                """
                        .formatted(kind(resource), apiVersion(resource), version));
    }

    static String status(int code) {
        return """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"scripted","reason":"%s","code":%d}\
        """
                .formatted(code == GONE ? "Expired" : "Scripted", code);
    }
}
