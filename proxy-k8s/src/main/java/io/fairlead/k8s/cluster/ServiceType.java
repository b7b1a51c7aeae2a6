package io.fairlead.k8s.cluster;

import java.util.Arrays;
import java.util.Optional;

/// `spec.type` of a Service.
public enum ServiceType {
    CLUSTER_IP("ClusterIP"),
    NODE_PORT("NodePort"),
    LOAD_BALANCER("LoadBalancer"),
    EXTERNAL_NAME("ExternalName");

    private final String word;

    ServiceType(String word) {
        this.word = word;
    }

    /// The type as manifests spell it.
    public String word() {
        return word;
    }

    public static Optional<ServiceType> ofWord(String word) {
        return Arrays.stream(values()).filter(t -> t.word.equals(word)).findFirst();
    }
}
