package io.fairlead.k8s.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A headless Chromium with one tab, driven by its DevTools protocol.
public final class Browser implements AutoCloseable {

    private static final Pattern LISTENS = Pattern.compile("DevTools listening on ws://([^/]+)/");
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final WebSocket tab;

    private Browser(Process process, String at) throws IOException, InterruptedException {
        this.process = process;
        HttpResponse<String> made =
                client.send(
                        HttpRequest.newBuilder(URI.create("http://" + at + "/json/new?about:blank"))
                                .PUT(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        String uri =
                JsonMapper.shared().readTree(made.body()).path("webSocketDebuggerUrl").asString();
        this.tab = client.newWebSocketBuilder().buildAsync(URI.create(uri), new Answers()).join();
        for (String part : List.of("Page", "Runtime", "Log")) {
            var _ = send(part + ".enable", Map.of());
        }
    }

    /// Starts one.
    ///
    /// @param folder for what it wants to keep
    public static Browser start(Path folder) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                "chromium",
                                "--headless=new",
                                // As root there is no other way; it sees one page, of ours.
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--hide-scrollbars",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + folder,
                                "about:blank")
                        .redirectErrorStream(true)
                        .start();
        List<String> said = new ArrayList<>();
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            Matcher matcher = LISTENS.matcher(line);
            if (matcher.find()) {
                Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
                return new Browser(process, matcher.group(1));
            }
        }
        throw new IOException("Chromium ended: " + said);
    }

    private final class Answers implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(JsonMapper.shared().readTree(text.toString()));
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        private void take(JsonNode message) {
            CompletableFuture<JsonNode> asked = waiting.remove(message.path("id").asInt(0));
            if (asked != null) {
                asked.complete(message);
            }
            switch (message.path("method").asString("")) {
                case "Runtime.exceptionThrown", "Log.entryAdded" ->
                        complaints.add(message.path("params").toString());
                default -> {}
            }
        }
    }

    private JsonNode send(String method, Map<String, ?> parameters) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        tab.sendText(
                        JsonMapper.shared()
                                .writeValueAsString(
                                        Map.of("id", id, "method", method, "params", parameters)),
                        true)
                .join();
        try {
            JsonNode message = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (message.has("error")) {
                throw new AssertionError(method + ": " + message);
            }
            return message.path("result");
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(method, e);
        }
    }

    /// Goes to a page.
    public void open(URI page) {
        var _ = send("Page.navigate", Map.of("url", page.toString()));
        Await.until(
                page + " is there",
                () ->
                        evaluate("location.href + ' ' + document.readyState")
                                .equals(page + " complete"));
    }

    /// What JavaScript comes to, as text.
    public String evaluate(String script) {
        JsonNode result =
                send(
                        "Runtime.evaluate",
                        Map.of("expression", script, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(script + ": " + result);
        }
        JsonNode value = result.path("result").path("value");
        return value.isString() ? value.asString() : value.toString();
    }

    /// What an element says to its reader; empty where there is none.
    public String text(String selector) {
        return evaluate("(document.querySelector(" + quoted(selector) + ") || {}).innerText || ''");
    }

    public void click(String selector) {
        var _ = evaluate("document.querySelector(" + quoted(selector) + ").click()");
    }

    /// Puts text into a field as if somebody had typed it.
    public void type(String selector, String text) {
        var _ =
                evaluate(
                        "(() => { const f = document.querySelector("
                                + quoted(selector)
                                + "); f.value = "
                                + quoted(text)
                                + "; f.dispatchEvent(new Event('input', {bubbles: true})); })()");
    }

    private static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    /// Makes the window so wide.
    public void resize(int width, int height) {
        var _ =
                send(
                        "Emulation.setDeviceMetricsOverride",
                        Map.of(
                                "width",
                                width,
                                "height",
                                height,
                                "deviceScaleFactor",
                                1,
                                "mobile",
                                false));
    }

    /// Keeps what the window shows.
    public void screenshot(Path file) throws IOException {
        JsonNode result = send("Page.captureScreenshot", Map.of("format", "png"));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(result.path("data").asString()));
    }

    /// Exceptions of scripts, and what the browser refused to load or run.
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() {
        tab.abort();
        process.destroyForcibly().onExit().join();
        client.close();
    }
}
