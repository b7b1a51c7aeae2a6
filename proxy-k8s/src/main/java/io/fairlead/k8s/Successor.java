package io.fairlead.k8s;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.handover.Greeting;
import io.fairlead.core.handover.HandOverClient;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.handover.Step;
import io.fairlead.k8s.status.BuildInfo;
import io.fairlead.k8s.status.InheritedPorts;
import io.fairlead.k8s.sync.SyncLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How an agent that was started beside another takes its place: it asks once its table is built,
/// captures with the other's sockets, and serves; then the other leaves.
///
/// Where the other ends meanwhile, what it gave until then is gone on with. Of one thread.
final class Successor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Successor.class);

    /// An agent that has just started waits for successors a moment after it has its lock.
    private static final Duration FINDING = Duration.ofSeconds(5);

    /// The kernel gives a lock back when its process ends, before anybody can see the end.
    private static final Duration LOCKING = Duration.ofSeconds(10);

    private final RunDir runDir;
    private final DataPlane plane;
    private final SyncLoop sync;
    private final Inheritance inheritance = new Inheritance();
    private @Nullable HandOverClient client;
    private boolean given; // whether there is somebody to say that this one serves

    Successor(RunDir runDir, DataPlane plane, SyncLoop sync) {
        this.runDir = runDir;
        this.plane = plane;
        this.sync = sync;
    }

    /// Asks for what the other has, and captures with it; nobody is served by this one yet.
    ///
    /// @return the HTTP ports of the other
    /// @throws AgentException when the other serves on and this one cannot
    InheritedPorts ask() throws AgentException {
        Step.ASKING.reached();
        try {
            given = receive();
            if (!given) {
                mustBeFree();
            }
            List<CaptureFailure> failures = call(() -> plane.takeOver().capture(inheritance));
            LOG.debug("cannot be captured: {}", failures);
        } catch (IOException e) {
            throw refused(FailedIo.reason(e), e);
        }
        Step.PREPARED.reached();
        return new InheritedPorts(inheritance.takeOthers());
    }

    private static AgentException refused(String why, Exception cause) {
        return new AgentException("cannot take over: " + why, cause);
    }

    /// @return false when nobody is there any more, or is asked to make room
    private boolean receive() throws IOException, AgentException {
        HandOverClient found = find();
        while (found != null) {
            client = found;
            if (greet(found)) {
                LOG.info("takes over from the agent with pid {}", found.process());
                return found.receive(inheritance);
            }
            found.close();
            found = find();
        }
        return false;
    }

    /// @return false when it is gone, or makes room
    private static boolean greet(HandOverClient other) throws IOException {
        try {
            String build = BuildInfo.read().version();
            return other.greet(Greeting.of(NetworkNamespace.inode(), build));
        } catch (HandOverClient.RefusedException e) {
            if (!e.mayRetire()) {
                throw e;
            }
            LOG.warn(
                    "the agent that serves cannot be taken over from ({}): it is asked to stop, and"
                            + " this one starts as usual; until it does clients are refused",
                    e.getMessage());
            other.retire();
            return false;
        }
    }

    /// One that ends already, or knows of no take-over, is waited for.
    ///
    /// @return null when there is none any more
    private @Nullable HandOverClient find() throws IOException, AgentException {
        long begin = System.nanoTime();
        boolean told = false;
        while (true) {
            if (runDir.tryTake()) {
                return null;
            }
            HandOverClient found = HandOverClient.find(runDir.path());
            if (found != null) {
                return found;
            }
            if (!told && System.nanoTime() - begin > FINDING.toNanos()) {
                told = true;
                LOG.warn(
                        "the agent that runs with {} cannot be taken over from, and is waited for"
                                + " until it ends; stop it",
                        runDir.path());
            }
            RunDir.pause();
            if (Thread.interrupted()) {
                throw new AgentException("cannot take over: interrupted");
            }
        }
    }

    private void mustBeFree() throws AgentException {
        if (!runDir.await(LOCKING)) {
            throw new AgentException("cannot take over: the agent that serves has broken it off");
        }
    }

    /// Serves; returns when the other has let go of all that only one can have.
    ///
    /// @return what cannot be captured
    List<CaptureFailure> serve() throws AgentException {
        try {
            HandOverClient other = given ? client : null;
            if (other != null && !other.receiveRest(inheritance)) {
                mustBeFree();
                other = null;
            }
            Step.RECEIVED.reached();
            List<CaptureFailure> failures = call(this::serveOnControlThread);
            Step.SERVING.reached();
            if (other != null && !other.serve(plane.keepsHost())) {
                mustBeFree();
            }
            if (!runDir.await(LOCKING)) {
                LOG.warn("the agent before this one still holds {}; stop it", runDir.path());
                runDir.takeLater();
            }
            return failures;
        } catch (IOException e) {
            throw refused(FailedIo.reason(e), e);
        }
    }

    private List<CaptureFailure> serveOnControlThread() {
        String missing = plane.takeOver().serve(inheritance);
        if (!missing.isEmpty()) {
            LOG.warn("of what the agent before left, {}", missing);
        }
        return plane.takeOver().failures();
    }

    private <T> T call(Callable<T> task) throws IOException, AgentException {
        try {
            return sync.call(task);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw refused(String.valueOf(e.getCause()), e);
        } catch (InterruptedException | RejectedExecutionException e) {
            throw refused("interrupted", e);
        }
    }

    /// Counts the flows of the other with this one's, for as long as it has some.
    void followCounts() {
        HandOverClient other = client;
        if (other != null && given) {
            Thread.ofPlatform()
                    .name("fairlead-predecessor")
                    .daemon()
                    .start(() ->
                            other.follow(counts -> {
                                try {
                                    var _ =
                                            sync.call(() -> {
                                                plane.takeOver().lend(counts);
                                                return counts;
                                            });
                                } catch (ExecutionException | RejectedExecutionException e) {
                                    LOG.debug("flows are not counted", e);
                                } catch (InterruptedException _) {
                                    Thread.currentThread().interrupt();
                                }
                            }));
        }
    }

    /// Closes what was given and is of no use.
    void dropRest() {
        inheritance.close();
    }

    /// It cannot serve: what it has made in the kernel is the other's, who serves on.
    void giveUp() {
        if (!runDir.isTaken()) {
            sync.close();
            plane.estate().leave(true);
        }
        close();
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
        inheritance.close();
    }
}
