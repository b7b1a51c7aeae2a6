package io.fairlead.bench.peer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The peers of a run.
public final class Peers {

    /// That which all others are compared with.
    public static final String DIRECT = "direct";

    /// That which this is all about.
    public static final String FAIRLEAD = "fairlead";

    private Peers() {}

    /// All of them in the order of tables, Fairlead last.
    ///
    /// @param launcher Fairlead's program
    /// @param variants arguments of further agents
    public static List<Peer> all(@Nullable Path launcher, List<String> variants) {
        List<Peer> all =
                new ArrayList<>(
                        List.of(
                                new Direct(),
                                new KernelDnat(),
                                new HaProxy(HaProxy.Way.DEFAULT),
                                new HaProxy(HaProxy.Way.SPLICE),
                                new HaProxy(HaProxy.Way.CLIENT_ADDRESS),
                                new Nginx(),
                                new Fairlead(FAIRLEAD, launcher, List.of())));
        for (int i = 0; i < variants.size(); i++) {
            all.add(
                    new Fairlead(
                            FAIRLEAD + "-" + (i + 2),
                            launcher,
                            Arrays.asList(variants.get(i).strip().split("\\s+", -1))));
        }
        return all;
    }

    /// Those of a short run.
    public static List<Peer> brief(List<Peer> all) {
        return all.stream()
                .filter(peer -> !peer.id().equals(HaProxy.Way.CLIENT_ADDRESS.id()))
                .toList();
    }

    /// Those of these names; all where there are none.
    ///
    /// @throws IllegalArgumentException for a name that none has
    public static List<Peer> named(List<Peer> all, Set<String> names) {
        List<String> known = all.stream().map(Peer::id).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("no peer " + name + "; there are " + known);
            }
        }
        return names.isEmpty()
                ? all
                : all.stream().filter(peer -> names.contains(peer.id())).toList();
    }

    /// Fairlead's program: as named, beside this program in the build, or on the PATH.
    public static @Nullable Path launcher(@Nullable Path named) {
        if (named != null) {
            if (!Files.isExecutable(named)) {
                throw new IllegalArgumentException(named + " is no program");
            }
            return named.toAbsolutePath();
        }
        String home = System.getProperty("proxy-bench.home");
        if (home != null) {
            Path built =
                    Path.of(home)
                            .resolve("../../../proxy-k8s/target/fairlead/bin/fairlead")
                            .normalize();
            if (Files.isExecutable(built)) {
                return built;
            }
        }
        return Programs.find("fairlead");
    }
}
