package io.fairlead.core.handover;

import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import io.fairlead.core.handover.HandedSocket.Kind;
import io.fairlead.core.kernel.Syscall;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// What an agent was given by the one before it. Whoever takes an open file owns it; those that
/// nobody takes are closed with this. Of one thread at a time.
public final class Inheritance implements AutoCloseable {

    private final Map<Frontend, List<Integer>> frontends = new HashMap<>();
    private final List<HandedSocket> others = new ArrayList<>();
    private final List<AffinityRecord> clients = new ArrayList<>();
    private final List<BackendStanding> standings = new ArrayList<>();
    private final List<HandedCount> counts = new ArrayList<>();
    private List<HandedFlow> flows = new ArrayList<>();

    /// Nothing.
    public Inheritance() {}

    void add(HandedSocket socket) {
        if (socket.kind() == Kind.TCP || socket.kind() == Kind.UDP) {
            frontends
                    .computeIfAbsent(socket.frontend(), _ -> new ArrayList<>())
                    .add(socket.descriptor());
        } else {
            others.add(socket);
        }
    }

    void add(AffinityRecord client) {
        clients.add(client);
    }

    void add(BackendStanding standing) {
        standings.add(standing);
    }

    void add(HandedCount count) {
        counts.add(count);
    }

    /// What is known of backends comes anew: what came before is void.
    void forgetBackends() {
        standings.clear();
        counts.clear();
    }

    void add(HandedFlow flow) {
        flows.add(flow);
    }

    /// The sockets at a frontend, in their order; none when there are none any more.
    public List<Integer> takeAt(Frontend frontend) {
        List<Integer> taken = frontends.remove(frontend);
        return taken == null ? List.of() : taken;
    }

    /// The frontends of TCP whose sockets nobody has taken.
    public List<Frontend> leftOfTcp() {
        return frontends.keySet().stream().filter(f -> f.protocol() == Protocol.TCP).toList();
    }

    /// The listening sockets for clients of a family whom a program leads.
    public List<Integer> takeLed(IpFamily family) {
        List<Integer> taken = new ArrayList<>();
        Iterator<HandedSocket> all = others.iterator();
        while (all.hasNext()) {
            HandedSocket socket = all.next();
            if (socket.kind() == Kind.LED && socket.address().family() == family) {
                taken.add(socket.descriptor());
                all.remove();
            }
        }
        return taken;
    }

    /// The socket that listens for something else at an address and port.
    ///
    /// @param address one that says "every address" does so for either family
    public OptionalInt takeOther(IpAddress address, int port) {
        Iterator<HandedSocket> all = others.iterator();
        while (all.hasNext()) {
            HandedSocket socket = all.next();
            boolean same =
                    socket.address().equals(address)
                            || (socket.address().isAny() && address.isAny());
            if (socket.kind() == Kind.OTHER && socket.port() == port && same) {
                all.remove();
                return OptionalInt.of(socket.descriptor());
            }
        }
        return OptionalInt.empty();
    }

    /// All sockets that listen for something else, to be asked for by [#takeOther].
    public Inheritance takeOthers() {
        Inheritance taken = new Inheritance();
        others.removeIf(socket -> socket.kind() == Kind.OTHER && taken.others.add(socket));
        return taken;
    }

    /// The link of the program that leads clients.
    public OptionalInt takeLink() {
        Iterator<HandedSocket> all = others.iterator();
        while (all.hasNext()) {
            HandedSocket socket = all.next();
            if (socket.kind() == Kind.LINK) {
                all.remove();
                return OptionalInt.of(socket.descriptor());
            }
        }
        return OptionalInt.empty();
    }

    /// Another descriptor of the lock of the network namespace: it may be asked for again, where
    /// one way of capture fails and the next is tried.
    public OptionalInt lock() {
        for (HandedSocket socket : others) {
            if (socket.kind() == Kind.LOCK) {
                int copy = Syscall.duplicate(socket.descriptor());
                return copy < 0 ? OptionalInt.empty() : OptionalInt.of(copy);
            }
        }
        return OptionalInt.empty();
    }

    /// Clients that stick to backends; those that were added later know better.
    public List<AffinityRecord> clients() {
        return List.copyOf(clients.reversed());
    }

    /// What is known against backends.
    public List<BackendStanding> standings() {
        return List.copyOf(standings);
    }

    /// Flows that the agent before relays still.
    public List<HandedCount> counts() {
        return List.copyOf(counts);
    }

    /// The flows of datagrams, whose sockets are the caller's from here on.
    public List<HandedFlow> takeFlows() {
        List<HandedFlow> taken = flows;
        flows = new ArrayList<>();
        return taken;
    }

    /// Whether nobody gave anything.
    public boolean isNothing() {
        return frontends.isEmpty() && others.isEmpty();
    }

    /// Closes what nobody has taken.
    @Override
    public void close() {
        frontends.values().forEach(all -> all.forEach(Syscall::close));
        frontends.clear();
        others.forEach(socket -> Syscall.close(socket.descriptor()));
        others.clear();
        flows.forEach(flow -> Syscall.close(flow.descriptor()));
        flows = new ArrayList<>();
    }
}
