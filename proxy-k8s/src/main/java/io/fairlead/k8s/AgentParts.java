package io.fairlead.k8s;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.status.StatusServers;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.watch.ApiScope;
import io.fairlead.k8s.watch.EventQueue;
import io.fairlead.k8s.watch.StateSource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of an agent by which states become flows: a source at one end, the data plane at the
/// other, and the folder that they own.
///
/// @param mode how clients are made to arrive
record AgentParts(
        RunDir runDir, StateSource source, SyncLoop sync, DataPlane plane, CaptureMode mode) {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /// Opens them; what comes from the source is applied from here on.
    ///
    /// @param aside whether another agent captures, until this one takes over
    static AgentParts open(AgentOptions options, RunDir runDir, boolean aside)
            throws AgentException, IOException {
        StateSource source = null;
        DataPlane plane = null;
        SyncLoop sync = null;
        try {
            FirstState states = new FirstState();
            source =
                    options.source()
                            .open(
                                    new ApiScope(options.nodeName(), options.serviceProxyName()),
                                    states,
                                    options.watch(),
                                    options.runDir());
            PartOptions its = PartOptions.of(options, states);
            plane = aside ? DataPlane.startAside(its.plane()) : DataPlane.start(its.plane());
            EventQueue events = new EventQueue(!options.source().isLocal());
            sync =
                    new SyncLoop(
                            options.sync(),
                            new Localiser(its.local()),
                            plane,
                            its.placement(),
                            events);
            states.handOver(sync::offer);
            source.publish(events);
            return new AgentParts(runDir, source, sync, plane, its.mode());
        } catch (AgentException | IOException | IllegalStateException e) {
            close(source, null, sync, plane, runDir);
            throw e;
        }
    }

    void closeSource() {
        try {
            source.close();
        } catch (IOException e) {
            LOG.debug("the source could not be closed", e);
        }
    }

    /// Closes them, and what answers for them over HTTP.
    void close(@Nullable StatusServers status) {
        close(source, status, sync, plane, runDir);
    }

    /// In the order of the flow: no new state, no change under way, then the data plane.
    private static void close(
            @Nullable StateSource source,
            @Nullable StatusServers status,
            @Nullable SyncLoop sync,
            @Nullable DataPlane plane,
            RunDir runDir) {
        try (runDir;
                plane;
                sync;
                status;
                source) {
            LOG.debug("closing");
        } catch (IOException e) {
            LOG.debug("the source could not be closed", e);
        }
    }
}
