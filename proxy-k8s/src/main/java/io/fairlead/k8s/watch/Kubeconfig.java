package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a kubeconfig's current context comes to.
///
/// @param tokenFile the file with the token, which changes; null where the token is in the
///   kubeconfig or there is none
record Kubeconfig(URI server, Config config, @Nullable TokenFile tokenFile) {

    private static final String REMEDY = "; give --kubeconfig a file that kubectl can use";

    /// Reads a kubeconfig.
    ///
    /// @throws IOException when it cannot be used; one line that names the file and what to do
    static Kubeconfig read(Path file) throws IOException {
        String text = text(file);
        try {
            var parsed = KubeConfigUtils.parseConfigFromString(text);
            String context = parsed.getCurrentContext();
            if (context == null || context.isEmpty()) {
                throw unusable(file, "it has no current-context");
            }
            Config config = Config.fromKubeconfig(context, file.toFile());
            if (config.getCurrentContext() == null) {
                throw unusable(file, "its current-context '" + context + "' is not among contexts");
            }
            URI server = server(file, parsed.getClusters(), config);
            ClientKeys.adapt(config, file);
            return new Kubeconfig(server, config, tokenFile(file, parsed.getUsers(), config));
        } catch (RuntimeException e) {
            throw new IOException(
                    file + ": is not a kubeconfig (" + firstLine(e) + ")" + REMEDY, e);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such kubeconfig" + REMEDY, e);
        } catch (AccessDeniedException e) {
            throw new IOException(
                    file + ": this kubeconfig may not be read; grant that, or name another", e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": is not a kubeconfig (not text)" + REMEDY, e);
        } catch (IOException e) {
            throw new IOException(
                    file + ": this kubeconfig cannot be read (" + e.getMessage() + ")" + REMEDY, e);
        }
    }

    private static URI server(Path file, @Nullable List<?> clusters, Config config)
            throws IOException {
        if (clusters == null || clusters.isEmpty()) {
            throw unusable(file, "it has no clusters");
        }
        try {
            return ApiAccess.server(config.getMasterUrl());
        } catch (IOException e) {
            throw unusable(file, String.valueOf(e.getMessage()));
        }
    }

    /// The client library passes tokenFile over; kubeadm's kubeconfig for node proxies has one.
    private static @Nullable TokenFile tokenFile(
            Path file, @Nullable List<NamedAuthInfo> users, Config config) {
        NamedContext context = config.getCurrentContext();
        if (users == null || context == null) {
            return null;
        }
        for (NamedAuthInfo user : users) {
            if (user.getName() != null && user.getName().equals(context.getContext().getUser())) {
                AuthInfo info = user.getUser();
                String token = info == null ? null : info.getTokenFile();
                return token == null || token.isEmpty()
                        ? null
                        : new TokenFile(file.toAbsolutePath().resolveSibling(token));
            }
        }
        return null;
    }

    private static IOException unusable(Path file, String why) {
        return new IOException(file + ": " + why + REMEDY);
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason given");
    }
}
