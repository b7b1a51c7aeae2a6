package io.fairlead.k8s.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

/// HTTPS that asks clients for a certificate, and goes on without one.
final class FakeTls {
    private FakeTls() {}

    static HttpServer server(InetSocketAddress address, SSLContext tls) throws IOException {
        HttpsServer next = HttpsServer.create(address, 64);
        next.setHttpsConfigurator(
                new HttpsConfigurator(tls) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters wanted = tls.getDefaultSSLParameters();
                        wanted.setWantClientAuth(true);
                        parameters.setSSLParameters(wanted);
                    }
                });
        return next;
    }

    /// The name in the client's certificate; empty without one.
    static String client(HttpExchange exchange) {
        try {
            return exchange instanceof HttpsExchange secured
                    ? secured.getSSLSession().getPeerPrincipal().getName()
                    : "";
        } catch (SSLPeerUnverifiedException _) {
            return "";
        }
    }
}
