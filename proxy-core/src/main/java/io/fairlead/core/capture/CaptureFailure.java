package io.fairlead.core.capture;

import io.fairlead.core.table.Frontend;
import org.jspecify.annotations.Nullable;

/// A frontend that clients cannot reach, and why.
///
/// @param message the cause and what to do about it
/// @param holder the process that holds the address and port, where that is the cause and it is
///   known
public record CaptureFailure(Frontend frontend, String message, @Nullable PortHolder holder) {

    /// Whether an agent of ours has the frontend already: two on one machine are a mistake.
    public boolean isByAnotherAgent() {
        return holder != null && holder.isAgent();
    }
}
