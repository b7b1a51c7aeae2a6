package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sees every request and answer: directs it to the server in use with the token of the moment, and
/// notes whether it was answered.
final class ApiTraffic implements Interceptor {

    static final String NAME = "fairlead";

    private static final int FIRST_ERROR = 400;

    private final ApiServers servers;
    private final @Nullable TokenFile tokenFile;
    private final ApiContact contact;
    private final ApiRequests requests;
    private final ApiExchanges exchanges;

    ApiTraffic(
            ApiServers servers,
            @Nullable TokenFile tokenFile,
            ApiContact contact,
            ApiRequests requests,
            ApiExchanges exchanges) {
        this.requests = requests;
        this.exchanges = exchanges;
        this.servers = servers;
        this.tokenFile = tokenFile;
        this.contact = contact;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        builder.uri(servers.direct(request.uri()));
        if (isRead(request)) {
            exchanges.asked(resource(request.uri()), isWatch(request.uri()));
        }
        String token = tokenFile == null ? null : tokenFile.token();
        if (token != null) {
            builder.setHeader("Authorization", "Bearer " + token);
        }
    }

    @Override
    public void after(
            HttpRequest request,
            HttpResponse<?> response,
            AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        requests.onAnswered(
                request.id(), response.code(), request.method(), request.uri().getRawAuthority());
        contact.heard();
        if (isRead(request)) {
            exchanges.answered(
                    resource(request.uri()),
                    isWatch(request.uri()),
                    response.code(),
                    response.body());
        }
        contact.served(topic(request.uri()));
        String topic = topic(request.uri()) + " refuses " + resource(request.uri());
        if (response.code() < FIRST_ERROR) {
            contact.served(topic);
        } else {
            contact.failed(topic, ApiFailures.refusal(response.code()));
        }
    }

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        // Called with the request as it is sent, which has a name of its own.
        requests.onSent(request.id());
        ApiExchanges.Exchange exchange =
                isRead(request)
                        ? exchanges.current(resource(request.uri()), isWatch(request.uri()))
                        : null;
        return new AsyncBody.Consumer<>() {
            @Override
            public void consume(List<ByteBuffer> value, AsyncBody body) throws Exception {
                contact.heard();
                exchanges.heard(exchange);
                consumer.consume(value, body);
            }

            @Override
            public <U> @Nullable U unwrap(Class<U> target) {
                return consumer.unwrap(target);
            }
        };
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        requests.onNoAnswer(request.method(), request.uri().getRawAuthority());
        if (isRead(request)) {
            exchanges.failed(resource(request.uri()), isWatch(request.uri()), failure);
        }
        contact.failed(topic(request.uri()), ApiFailures.unreachable(failure));
        servers.unreachable(request.uri());
    }

    static String topic(URI request) {
        return "the API server at " + request.getScheme() + "://" + request.getRawAuthority();
    }

    /// Lists and watches; what is written tells nothing of them.
    private static boolean isRead(HttpRequest request) {
        return "GET".equals(request.method());
    }

    private static boolean isWatch(URI request) {
        String query = request.getRawQuery();
        return query != null && query.contains("watch=true");
    }

    /// `services` of `/api/v1/services`.
    private static String resource(URI request) {
        String path = request.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
