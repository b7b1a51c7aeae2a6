package io.fairlead.core.flow;

import io.fairlead.core.backend.FlowEnd;

/// A flow that has ended, for the access log.
///
/// @param flow as it was at its end
/// @param atMillis when that was, since 1970
public record ClosedFlow(FlowView flow, FlowEnd reason, long atMillis) {}
