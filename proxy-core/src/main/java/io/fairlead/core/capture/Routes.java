package io.fairlead.core.capture;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.NodeNetwork;
import java.util.List;
import java.util.Set;

/// Makes packets to prefixes end on this node. Control thread only.
public interface Routes extends AutoCloseable {

    /// Nothing to do: the prefixes are the node's own without it.
    Routes NONE =
            new Routes() {
                @Override
                public void follow(Set<Cidr> wanted, NodeNetwork node) {
                    // The node's own.
                }

                @Override
                public void recheck() {
                    // Nothing that others could take away.
                }

                @Override
                public List<String> failures() {
                    return List.of();
                }

                @Override
                public void close() {
                    // Nothing to take back.
                }
            };

    /// Leads these here, and no others. To be called at each change; costs nothing where there is
    /// none.
    void follow(Set<Cidr> wanted, NodeNetwork node);

    /// Repairs what others changed.
    void recheck();

    /// What could not be led here, and why.
    List<String> failures();

    /// Leads nothing here any more.
    @Override
    void close();
}
