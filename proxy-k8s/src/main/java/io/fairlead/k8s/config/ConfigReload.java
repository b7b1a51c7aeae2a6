package io.fairlead.k8s.config;

import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.watch.WatchedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes what changes in a configuration file to a running agent.
///
/// What cannot change in place is said by name and waits for a restart; a file with anything wrong
/// changes nothing. On the thread of the file.
public final class ConfigReload implements WatchedFile.Listener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigReload.class);

    private final Path file;
    private final Consumer<AgentOptions> agent;
    private final @Nullable WatchedFile watched;

    // Of the file's thread, once it runs.
    private Configuration said;
    private AgentOptions running;

    private ConfigReload(Path file, Configuration started, Consumer<AgentOptions> agent)
            throws IOException {
        this.file = file;
        this.agent = agent;
        this.said = started;
        this.running = started.options();
        this.watched = WatchedFile.follow(file, started.bytes(), this);
    }

    /// Follows the file that an agent was started with until closed; null where there is none.
    ///
    /// @param agent takes options that differ in nothing that needs a restart
    public static @Nullable ConfigReload follow(
            Configuration started, Consumer<AgentOptions> agent) {
        Path file = started.file();
        if (file == null) {
            return null;
        }
        try {
            return new ConfigReload(file, started, agent);
        } catch (IOException e) {
            LOG.warn("{} is not followed: {}; restart to apply changes", file, FailedIo.reason(e));
            return null;
        }
    }

    @Override
    public void onChange(byte[] bytes) {
        try {
            Configuration next = said.reread(bytes);
            next.warnings().stream()
                    .filter(w -> !said.warnings().contains(w))
                    .forEach(w -> LOG.warn("{}", w));
            said = next;
            take(next.options());
        } catch (ConfigException e) {
            for (Problem problem : e.problems()) {
                LOG.error("{}; the configuration stays as it was", problem);
            }
        }
    }

    private void take(AgentOptions wanted) {
        List<String> changed = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        AgentOptions before = running;
        AgentOptions next =
                before.with(draft -> {
                    for (ConfigKey<?> key : ConfigKeys.ALL) {
                        if (key.differs(before, wanted)) {
                            (key.isLive() ? changed : waiting)
                                    .add(
                                            key
                                                    + ": "
                                                    + key.shown(before)
                                                    + " -> "
                                                    + key.shown(wanted));
                            if (key.isLive()) {
                                key.copy(wanted, draft);
                            }
                        }
                    }
                });
        if (!changed.isEmpty()) {
            running = next;
            agent.accept(next);
            LOG.info("{} changed: {}", file, String.join("; ", changed));
        }
        if (!waiting.isEmpty()) {
            LOG.warn("{} changed, restart to apply: {}", file, String.join("; ", waiting));
        }
        if (changed.isEmpty() && waiting.isEmpty()) {
            LOG.info("{} changed nothing that holds", file);
        }
    }

    @Override
    public void onLost(IOException why) {
        LOG.warn(
                "cannot be read any more: {}; the configuration stays as it was, bring it back",
                FailedIo.reason(why));
    }

    @Override
    public void close() {
        if (watched != null) {
            watched.close();
        }
    }
}
