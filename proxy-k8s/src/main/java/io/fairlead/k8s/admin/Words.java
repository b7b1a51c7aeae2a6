package io.fairlead.k8s.admin;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.ServedSet;
import org.jspecify.annotations.Nullable;

/// What reports call things: as `fairlead plan` and the documents do.
public final class Words {

    private Words() {}

    static String kind(Vip.Kind kind) {
        return switch (kind) {
            case CLUSTER_IP -> "ClusterIP";
            case NODE_PORT -> "NodePort";
            case LOAD_BALANCER -> "LoadBalancer";
            case EXTERNAL_IP -> "ExternalIP";
        };
    }

    static String family(IpFamily family) {
        return family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    }

    static String clients(ServedSet set) {
        return switch (set) {
            case INTERNAL -> "cluster IP";
            case EXTERNAL -> "external";
            case EXTERNAL_FROM_POD_OR_NODE -> "external, from pods and this node";
        };
    }

    /// What speaks against a backend that has no other fault; empty where nothing does.
    static String reachability(@Nullable Backend backend) {
        if (backend == null || backend.failures() == 0) {
            return "";
        }
        return (backend.isEjected()
                        ? "ejected, flows are led round it where there are others: "
                        : "")
                + failed(backend.failures(), backend.lastFailure());
    }

    /// Of connections to a backend.
    public static String failed(int inRow, String last) {
        return inRow
                + (inRow == 1 ? " connection" : " connections")
                + " in a row failed"
                + (last.isEmpty() ? "" : ", last " + last);
    }

    /// @param serving whether some set holds it
    static String state(Backend backend, boolean serving) {
        if (serving) {
            return backend.isEjected() ? "ejected" : "serving";
        }
        return backend.live() > 0 ? "draining" : "gone";
    }
}
