package io.fairlead.core.capture;

import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.NodeNetwork;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

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
                public void offer(Consumer<HandedSocket> to) {
                    // None of its own.
                }

                @Override
                public void leave() {
                    // Nothing to leave.
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

    /// Names the open files that go with them.
    void offer(Consumer<HandedSocket> to);

    /// Another process looks after them from now on; nothing of this is to be called any more.
    void leave();

    /// Leads nothing here any more.
    @Override
    void close();
}
