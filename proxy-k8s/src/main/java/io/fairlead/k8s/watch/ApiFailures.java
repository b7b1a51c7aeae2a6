package io.fairlead.k8s.watch;

import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What went wrong between us and the API server, and what to do, in words.
final class ApiFailures {
    private static final int TOO_MANY_REQUESTS = 429;

    private ApiFailures() {}

    static String refusal(int status) {
        return switch (status) {
            case HttpURLConnection.HTTP_UNAUTHORIZED ->
                    "401, it does not know us; check the token or the client certificate";
            case HttpURLConnection.HTTP_FORBIDDEN ->
                    "403, we may not read them; give the agent's account the rules of"
                            + " deploy/base/rbac.yaml";
            case HttpURLConnection.HTTP_NOT_FOUND -> "404, it does not have them";
            case HttpURLConnection.HTTP_GONE -> "410, our version is too old; they are listed anew";
            case TOO_MANY_REQUESTS -> "429, it is busy; tried again when it says";
            default -> status + "; tried again";
        };
    }

    static String unreachable(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String words = words(t);
            if (words != null) {
                return words;
            }
        }
        return "cannot be asked (" + firstLine(failure) + "); tried again until it answers";
    }

    private static @Nullable String words(Throwable failure) {
        return switch (failure) {
            case UnknownHostException _, UnresolvedAddressException _ ->
                    "its name has no address; correct the URL or give an address";
            case HttpTimeoutException _ ->
                    "does not answer in time; tried again until it answers, check the URL and the"
                            + " network";
            case SSLException e ->
                    "no trusted connection ("
                            + firstLine(securityRoot(e))
                            + "); check the certificates of the kubeconfig or service account";
            case ConnectException e ->
                    // The JDK's own gives no words when the name has no address.
                    e.getCause() instanceof UnresolvedAddressException
                            ? null
                            : "cannot be reached; tried again until it answers, check the URL and"
                                    + " the network";
            default -> null;
        };
    }

    private static Throwable securityRoot(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() instanceof GeneralSecurityException
                || root.getCause() instanceof SSLException) {
            root = root.getCause();
        }
        return root;
    }

    /// What began it.
    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason given");
    }
}
