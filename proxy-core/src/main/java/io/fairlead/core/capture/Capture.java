package io.fairlead.core.capture;

import io.fairlead.core.table.Frontend;
import java.util.List;
import java.util.Set;

/// A way to make clients of frontends arrive here, and clients of nothing else.
///
/// Used by the control thread only. What is not captured is refused by the kernel before any
/// handshake: a frontend must be in the published table before it is captured, and out of the
/// capture before it leaves the table.
public interface Capture extends AutoCloseable {

    /// The way in use and why, for the line that says so at start.
    String description();

    /// Makes exactly `wanted` arrive. A frontend that cannot be captured is reported, disturbs no
    /// other, and is tried again by the next call.
    List<CaptureFailure> update(Set<Frontend> wanted);

    /// Stops capturing.
    @Override
    void close();
}
