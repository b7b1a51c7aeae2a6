package io.fairlead.k8s.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real Prometheus that scrapes one address once a second, under several names, and evaluates
/// rules twice as often.
public final class Prometheus implements AutoCloseable {

    private static final Pattern LISTENS = Pattern.compile("Listening on.*address=([0-9.:]+)");

    private final Process process;
    private final URI uri;
    private final HttpClient client = HttpClient.newHttpClient();

    private Prometheus(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    /// Starts one.
    ///
    /// @param folder for its files
    /// @param rules text of a file of rules
    /// @param target HOST:PORT
    /// @param jobs names of jobs, each of which scrapes the target
    public static Prometheus start(Path folder, String rules, String target, List<String> jobs)
            throws IOException {
        Files.writeString(folder.resolve("rules.yaml"), rules);
        StringBuilder config =
                new StringBuilder(
                        """
                        global: {scrape_interval: 1s, evaluation_interval: 500ms}
                        rule_files: [rules.yaml]
                        scrape_configs:
                        """);
        for (String job : jobs) {
            config.append(
                    "- {job_name: %s, static_configs: [{targets: ['%s']}]}\n"
                            .formatted(job, target));
        }
        Path file = Files.writeString(folder.resolve("prometheus.yaml"), config);
        Process process =
                new ProcessBuilder(
                                "prometheus",
                                "--config.file=" + file,
                                "--storage.tsdb.path=" + folder.resolve("data"),
                                "--web.listen-address=127.0.0.1:0")
                        .redirectErrorStream(true)
                        .start();
        List<String> said = new ArrayList<>();
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            Matcher matcher = LISTENS.matcher(line);
            if (matcher.find()) {
                Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
                return new Prometheus(process, URI.create("http://" + matcher.group(1)));
            }
        }
        throw new IOException("Prometheus ended: " + said);
    }

    /// What an instant query finds now: each sample's value. Empty also while it starts.
    public List<Double> query(String expression) {
        JsonNode answer = get("/api/v1/query?query=", expression);
        List<Double> values = new ArrayList<>();
        for (JsonNode sample : answer.path("data").path("result")) {
            values.add(number(sample.path("value").path(1).asString()));
        }
        return values;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /// Whether an alert fires, or has ever fired.
    public boolean hasFired(String alert) {
        return !query(
                        "count_over_time(ALERTS{alertstate=\"firing\",alertname=\""
                                + alert
                                + "\"}[1h])")
                .isEmpty();
    }

    /// Whether an alert fires now for something that is named.
    public boolean isFiring(String alert) {
        return !query("ALERTS{alertstate=\"firing\",instance!=\"\",alertname=\"" + alert + "\"}")
                .isEmpty();
    }

    private JsonNode get(String path, String expression) {
        URI at = URI.create(uri + path + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        try {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(at).build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 400 || response.statusCode() == 422) {
                throw new AssertionError(expression + ": " + response.body());
            }
            return response.statusCode() == 200
                    ? JsonMapper.shared().readTree(response.body())
                    : JsonMapper.shared().createObjectNode();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        client.close();
    }
}
