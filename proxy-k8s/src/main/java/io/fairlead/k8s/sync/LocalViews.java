package io.fairlead.k8s.sync;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.local.Localiser;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The views of one node, from its [Localiser], which remembers, and now and then from one that
/// does not.
///
/// Of the control thread.
final class LocalViews {

    private static final Logger LOG = LoggerFactory.getLogger(LocalViews.class);

    private Localiser localiser;
    private @Nullable LocalView last;

    LocalViews(Localiser localiser) {
        this.localiser = localiser;
    }

    /// The next view is by other options; whether they are other ones.
    boolean reconfigure(LocalOptions options) {
        boolean other = !options.equals(localiser.options());
        if (other) {
            localiser.reconfigure(options);
        }
        return other;
    }

    /// The view of a state, at a cost that grows with what changed.
    LocalView next(ClusterState state) {
        LocalView view = localiser.localise(state);
        last = view;
        return view;
    }

    /// The view of a state, from scratch.
    ///
    /// Where what was remembered agrees, it is that, the same objects: nothing else keeps two views
    /// of a large cluster from living in memory side by side.
    LocalView renewed(ClusterState state) {
        if (last == null) {
            return next(state);
        }
        Localiser fresh = new Localiser(localiser.options());
        LocalView view = fresh.localise(state);
        if (view.equals(remembered(state))) {
            return last;
        }
        LOG.error("what is served had come apart from the cluster; it is brought back together");
        localiser = fresh;
        last = view;
        return view;
    }

    private @Nullable LocalView remembered(ClusterState state) {
        try {
            return next(state);
        } catch (RuntimeException e) {
            LOG.debug("what was remembered is of no use", e);
            return null;
        }
    }
}
