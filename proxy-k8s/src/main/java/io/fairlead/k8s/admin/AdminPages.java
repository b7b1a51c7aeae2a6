package io.fairlead.k8s.admin;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the admin server answers to which path (docs/admin-api.md). Changes nothing; any thread.
public final class AdminPages {

    /// Of ports, flows or problems: an answer stays below a MiB or so.
    static final int MAX_PER_PAGE = 1_000;

    private static final int DEFAULT_PER_PAGE = 100;

    private final AdminView view;
    private final Reports reports;
    private final ServicesPage services;
    private final PageFiles files = new PageFiles();

    public AdminPages(AdminView view) {
        this.view = view;
        this.reports = new Reports(view);
        this.services = new ServicesPage(view.plane());
    }

    /// What the API answers.
    ///
    /// @throws IllegalArgumentException for parameters that make no sense; the message says which
    AdminReply answer(AdminRequest request) {
        return switch (request.path()) {
            case "/v1" ->
                    AdminReply.json(
                            Map.of(
                                    "paths",
                                    List.of(
                                            "/v1/status",
                                            "/v1/services",
                                            "/v1/flows",
                                            "/v1/problems",
                                            "/v1/changes",
                                            "/v1/why")));
            case "/v1/status" -> AdminReply.json(reports.status());
            case "/v1/services" ->
                    AdminReply.json(
                            services.page(
                                    request.parameter("namespace"),
                                    request.parameter("search"),
                                    request.parameter("after"),
                                    perPage(request)));
            case "/v1/flows" ->
                    AdminReply.json(reports.flows(request.parameter("service"), perPage(request)));
            case "/v1/problems" ->
                    AdminReply.json(
                            Map.of(
                                    "problems",
                                    reports.problems(
                                            request.parameter("object"),
                                            request.count("from", 1, Integer.MAX_VALUE) - 1,
                                            perPage(request))));
            case "/v1/changes" -> AdminReply.json(reports.changes(perPage(request)));
            case "/v1/why" -> AdminReply.json(why(request));
            default ->
                    AdminReply.error(
                            AdminReply.NOT_FOUND, "no such path; /v1 lists those there are");
        };
    }

    /// What the API and the page answer to a browser, which asks only for this machine by name: no
    /// page of another origin may pass for one of ours by a name of its own for 127.0.0.1.
    AdminReply answerBrowser(AdminRequest request) {
        if (!isLoopback(request.host())) {
            return AdminReply.error(
                    AdminReply.FORBIDDEN, "ask for a loopback address or localhost");
        }
        AdminReply file = files.get(request.path());
        return file == null ? answer(request) : file;
    }

    private static boolean isLoopback(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            return InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host)
                    .isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static int perPage(AdminRequest request) {
        return request.count("limit", DEFAULT_PER_PAGE, MAX_PER_PAGE);
    }

    private WhyReport why(AdminRequest request) {
        String client = request.parameter("client");
        AddressPort withPort = addressPort(client);
        IpAddress address = withPort == null ? address("client", client) : withPort.address();
        AddressPort vip = addressPort(request.parameter("vip"));
        if (vip == null) {
            throw new IllegalArgumentException(
                    "vip: give ADDRESS:PORT, or [ADDRESS]:PORT for IPv6");
        }
        return new WhyReporter(
                        view,
                        protocol(request.parameter("protocol")),
                        address,
                        withPort == null ? 0 : withPort.port(),
                        vip)
                .report();
    }

    private static Protocol protocol(String text) {
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "", "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            default -> throw new IllegalArgumentException("protocol: give TCP or UDP");
        };
    }

    private static IpAddress address(String parameter, String text) {
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException(parameter + ": give an IP address, or ADDRESS:PORT");
        }
    }

    /// Null when the text is no address with a port.
    private static @Nullable AddressPort addressPort(String text) {
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[") && colon > 0 && text.charAt(colon - 1) == ']';
        if (colon < 0 || (!bracketed && text.indexOf(':') != colon)) {
            return null;
        }
        try {
            String host = bracketed ? text.substring(1, colon - 1) : text.substring(0, colon);
            return new AddressPort(
                    IpAddress.parse(host), Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }
}
