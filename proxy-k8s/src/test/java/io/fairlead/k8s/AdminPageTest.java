package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.testing.Await;
import io.fairlead.k8s.testing.Browser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The admin page in a browser, with 10,000 Services. Pictures of it are in target/screenshots.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AdminPageTest {

    private static final int SERVICES = 10_000;
    private static final int FILES = 20;
    private static final int PORT = 8080;
    private static final Path PICTURES = Path.of("target", "screenshots");

    private static final String CART = "127.9.12.1";
    private static final String HOSTILE =
            "\"><img src=x onerror=alert(1)></td></script><script>alert(2)</script>\\u202e\\u0007'`${1}";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Socket> flows = new ArrayList<>();
    private World world;
    private ServerSocket dying;
    private Agent agent;
    private Browser browser;
    private Thread clients;
    private volatile boolean ended;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        world = keep(new World(Files.createDirectory(folder.resolve("manifests"))));
        for (int file = 0; file < FILES; file++) {
            StringBuilder text = new StringBuilder();
            for (int i = file; i < SERVICES - 3; i += FILES) {
                text.append(empty(i));
            }
            world.write("many-" + file + ".yaml", text.toString());
        }
        dying = World.echo();
        writeCart(3);
        world.write(
                "bad.yaml",
                service("shop", "ledger", "127.9.12.2")
                        .replace(
                                "name: ledger",
                                "name: ledger, annotations: {fairlead.io/balance: \""
                                        + HOSTILE.replace("\"", "\\\"")
                                        + "\"}"));
        world.write("queue.yaml", service("shop", "queue", "127.9.12.3") + slice("queue", dying));
        agent =
                keep(
                        Agent.start(
                                AgentOptions.of(world.folder(), "node-a")
                                        .withThreads(2)
                                        .withRunDir(folder.resolve("run"))
                                        .withCapture(
                                                CaptureOptions.DEFAULT.withMode(
                                                        CaptureMode.LOOPBACK))
                                        .withStatus(
                                                StatusOptions.OFF.withAdmin(
                                                        BindAddress.parse("127.0.0.1:0")))));
        browser = keep(Browser.start(Files.createDirectory(folder.resolve("browser"))));
        browser.resize(1280, 1000);
        browser.open(page());
        clients = Thread.ofVirtual().start(this::visit);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.addFirst(resource);
        return resource;
    }

    @AfterAll
    void end() throws Exception {
        ended = true;
        clients.join();
        for (Socket flow : flows) {
            flow.close();
        }
        for (AutoCloseable resource : open) {
            resource.close();
        }
        dying.close();
    }

    private URI page() {
        return URI.create(
                "http://127.0.0.1:" + agent.admin().pageAddress().orElseThrow().getPort() + "/");
    }

    private static String service(String namespace, String name, String ip) {
        return """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s}
        spec: {clusterIP: %s, ports: [{name: http, port: %d}]}
        """
                .formatted(name, namespace, ip, PORT);
    }

    private static String empty(int number) {
        return service(
                "team-" + number % 100,
                "app-" + number,
                "127.200." + (number >> 8) + "." + (number & 0xff));
    }

    private static String slice(String service, ServerSocket... backends) {
        StringBuilder text = new StringBuilder();
        for (ServerSocket backend : backends) {
            text.append(World.slice(service, "127.0.0.1", backend.getLocalPort()));
        }
        return text.toString().replace("namespace: default", "namespace: shop");
    }

    /// The Service that is looked at.
    private void writeCart(int backends) throws IOException {
        String cart =
                service("shop", "cart", CART)
                        .replace(
                                "name: cart",
                                "name: cart, annotations: {fairlead.io/balance: round-robin}");
        StringBuilder text = new StringBuilder(cart).append(slice("cart", dying));
        for (int i = 1; i < backends; i++) {
            text.append(slice("cart", keep(World.echo())));
        }
        world.write("cart.yaml", text.toString());
    }

    /// Clients come and go, and some stay, until the test has ended.
    private void visit() {
        while (!ended) {
            try (Socket client = new Socket(InetAddress.ofLiteral(CART), PORT)) {
                client.setSoTimeout(10_000);
                client.getOutputStream().write(new byte[1_000]);
                var _ = client.getInputStream().read();
                if (flows.size() < 30) {
                    flows.add(new Socket(InetAddress.ofLiteral(CART), PORT));
                }
            } catch (IOException _) {
                // Of the backend that dies.
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // as clients have their pace
        }
    }

    private void awaitText(String selector, String... parts) {
        Await.until(
                selector + " says " + List.of(parts),
                () -> {
                    String text = browser.text(selector);
                    return List.of(parts).stream().allMatch(text::contains);
                });
    }

    @Test
    @Order(1)
    void aServiceIsFoundAmongTenThousand() throws IOException {
        awaitText("#service-count", "10,000 service ports");
        assertThat(browser.evaluate("document.querySelectorAll('.service').length"))
                .isEqualTo("25");
        browser.click("#next");
        Await.until(
                "another page",
                () ->
                        browser.evaluate("document.getElementById('first').disabled")
                                .equals("false"));
        browser.screenshot(PICTURES.resolve("page-1280-all.png"));
        browser.type("#search", "team-23/app-7123");
        Await.until(
                "one is left",
                () -> browser.evaluate("document.querySelectorAll('.service').length").equals("1"));
        assertThat(browser.text(".service")).contains("team-23/app-7123", "refuses clients");
        browser.type("#search", "127.200.27.211");
        awaitText(".service", "team-23/app-7123");
        browser.type("#search", "nothing like that");
        awaitText("#no-services", "No Service has that");
        browser.type("#search", "shop/");
        awaitText("#services", "shop/cart:http", "shop/ledger", "shop/queue");
    }

    @Test
    @Order(2)
    void whatIsHostileIsText() {
        awaitText("#problems", "<img src=x onerror=alert(1)>");
        assertThat(browser.evaluate("document.querySelectorAll('img, #problems script').length"))
                .isEqualTo("0");
        browser.type("#why-client", HOSTILE);
        browser.type("#why-vip", HOSTILE);
        browser.click("#why-form button");
        awaitText("#why-answer", "client: give an IP address");
        assertThat(browser.evaluate("document.scripts.length")).isEqualTo("1");
    }

    @Test
    @Order(3)
    void whyIsAskedFromAService() {
        browser.evaluate(
                "[...document.querySelectorAll('.name')].find(b => b.innerText === 'shop/cart:http').click()");
        awaitText(
                ".service.open .detail", "Backends, by live flows", "ClusterIP " + CART + ":8080");
        browser.evaluate(
                "[...document.querySelectorAll('.detail button')].find(b => b.innerText.startsWith('ClusterIP')).click()");
        assertThat(browser.evaluate("document.getElementById('why-vip').value"))
                .isEqualTo(CART + ":8080");
        browser.type("#why-client", "127.0.0.1");
        browser.click("#why-form button");
        awaitText("#why-answer", "led to 127.0.0.1:", "of shop/cart:http", "next pick");
    }

    @Test
    @Order(4)
    void aChangeIsThereWithItsTime() throws IOException {
        writeCart(4);
        awaitText("#changes-body tr", "1 changed", "shop/cart", "ms");
    }

    @Test
    @Order(5)
    void aBackendThatIsEjectedIsSeenAndItsProblemOpened() throws IOException {
        browser.type("#search", "team-");
        int port = dying.getLocalPort();
        dying.close();
        Await.until("it is ejected", () -> agent.dataPlane().counts().ejectedBackends() > 0);
        long ejectedNs = System.nanoTime();
        awaitText("#problems", "shop/cart", "endpoint 127.0.0.1:" + port, "ejected");
        System.out.printf(
                "the page tells of an ejected backend after %d ms%n",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - ejectedNs));
        browser.evaluate(
                "[...document.querySelectorAll('#problems li')].find(p => p.innerText.includes('ejected'))"
                        + ".querySelector('button').click()");
        awaitText(".service.open .backends", "127.0.0.1:" + port, "ejected", "last refused");
        Await.until(
                "there is a line of rates",
                () ->
                        Integer.parseInt(
                                        browser.evaluate(
                                                "document.querySelector('.service polyline')"
                                                        + ".getAttribute('points').split(' ').length"))
                                > 4);
        browser.evaluate("scrollTo(0, 0)");
        browser.screenshot(PICTURES.resolve("page-1280.png"));
        browser.resize(390, 844);
        browser.screenshot(PICTURES.resolve("page-390-top.png"));
        browser.resize(390, 3_400);
        browser.screenshot(PICTURES.resolve("page-390.png"));
        // Nothing has to be moved sideways to be read.
        assertThat(browser.evaluate("document.documentElement.scrollWidth")).isEqualTo("390");
    }

    @Test
    @Order(6)
    void theBrowserHasNothingToSay() {
        // But of the question that makes no sense.
        assertThat(browser.complaints()).allMatch(c -> c.contains("/v1/why?client=%22%3E"));
    }
}
