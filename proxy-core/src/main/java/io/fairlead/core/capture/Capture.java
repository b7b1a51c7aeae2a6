package io.fairlead.core.capture;

import io.fairlead.core.table.Frontend;
import java.util.Collection;
import java.util.List;

/// A way to make clients of frontends arrive here, and clients of nothing else.
///
/// Used by the control thread only. What is not captured is refused by the kernel before any
/// handshake: a frontend must be in the published table before it is captured, and out of the
/// capture before it leaves the table.
public interface Capture extends AutoCloseable {

    /// The way in use and why, for the line that says so at start.
    String description();

    /// Makes these arrive too. One that cannot be captured disturbs no other.
    void add(Collection<Frontend> frontends);

    /// Makes these arrive no longer; their clients are refused when this returns.
    void remove(Collection<Frontend> frontends);

    /// Tries again what could not be captured.
    void retry();

    /// What cannot be captured at the moment, and why.
    List<CaptureFailure> failures();

    /// Stops capturing.
    @Override
    void close();
}
