package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.k8s.watch.ApiAccess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/// The keys that say where the objects to serve come from: the section `source`.
final class SourceKeys {

    static final ConfigKey<Path> MANIFESTS =
            key(
                            "source.manifests",
                            ValueForm.path("a folder"),
                            o -> o.source().manifests(),
                            (d, v) -> d.source = d.source.withManifests(v))
                    .says(
                            "Instead of the API server: folder with Services, EndpointSlices, Nodes"
                                    + " and ServiceCIDRs as YAML or JSON, watched for changes.")
                    .otherwise("an API server")
                    .option("DIR", "--manifests");

    static final ConfigKey<Path> KUBECONFIG =
            key(
                            "source.kubeconfig",
                            ValueForm.path("a file"),
                            o -> o.source().kubeconfig(),
                            (d, v) -> d.source = d.source.withKubeconfig(v))
                    .says("How to reach the API server.")
                    .otherwise("the service account of the pod that the agent runs in")
                    .option("FILE", "--kubeconfig");

    static final ConfigKey<List<URI>> API_SERVERS =
            key(
                            "source.apiServers",
                            ValueForm.texts(
                                    "the URL of an API server, such as https://HOST:PORT",
                                    SourceKeys::server,
                                    URI::toString),
                            o -> o.source().apiServers(),
                            (d, v) -> d.source = d.source.withApiServers(v))
                    .says(
                            "API servers, in place of the one that the kubeconfig or the pod names;"
                                    + " the next is used when one cannot be reached.")
                    .otherwise("the one that they name")
                    .option("URL", "--api-server", "--master");

    static final List<ConfigKey<?>> ALL = List.of(MANIFESTS, KUBECONFIG, API_SERVERS);

    private SourceKeys() {}

    private static URI server(String text) {
        try {
            return ApiAccess.server(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
