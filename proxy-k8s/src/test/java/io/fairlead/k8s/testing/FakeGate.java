package io.fairlead.k8s.testing;

import com.sun.net.httpserver.HttpExchange;
import io.fairlead.k8s.testing.FakeApiServer.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Whom a [FakeApiServer] refuses, and with which answer. Any thread.
final class FakeGate {

    private static final Refusal UNKNOWN = new Refusal(401, 0);
    private static final Refusal FORBIDDEN = new Refusal(403, 0);

    private final Map<String, List<Refusal>> scripts = new ConcurrentHashMap<>();
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String token;
    private volatile @Nullable String client;

    void forbid(String resource, boolean on) {
        if (on) {
            forbidden.add(resource);
        } else {
            forbidden.remove(resource);
        }
    }

    void requireClient(String commonName) {
        client = commonName;
    }

    void requireToken(String value) {
        token = value;
    }

    void refuse(String verb, String resource, List<Refusal> answers) {
        scripts.computeIfAbsent(verb + " " + resource, _ -> new CopyOnWriteArrayList<>())
                .addAll(answers);
    }

    /// The answer to who is not let in; null for who is.
    @Nullable Refusal refusal(HttpExchange exchange, ApiRequest request) throws IOException {
        String wanted = token;
        if (wanted != null
                && !("Bearer " + wanted)
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return UNKNOWN;
        }
        String name = client;
        if (name != null && !FakeTls.client(exchange).equals("CN=" + name)) {
            return UNKNOWN;
        }
        if (forbidden.contains(request.resource())) {
            return FORBIDDEN;
        }
        List<Refusal> script = scripts.get(request.verb() + " " + request.resource());
        return script == null || script.isEmpty() ? null : script.removeFirst();
    }
}
