package io.fairlead.k8s.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A request as it came in.
///
/// @param verb `list`, `watch`, `create` or `patch`
public record ApiRequest(String verb, String group, String resource, Map<String, String> query) {

    public String parameter(String name) {
        return query.getOrDefault(name, "");
    }

    static ApiRequest of(String method, URI uri) {
        List<String> path = List.of(uri.getPath().split("/", -1));
        Map<String, String> query = new TreeMap<>();
        String raw = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        String group = path.get(1).equals("api") ? "" : path.get(2);
        return switch (method) {
            case "POST" -> new ApiRequest("create", group, path.getLast(), query);
            case "PATCH" -> new ApiRequest("patch", group, path.get(path.size() - 2), query);
            default -> {
                String verb = "true".equals(query.get("watch")) ? "watch" : "list";
                yield new ApiRequest(verb, group, path.getLast(), query);
            }
        };
    }
}
