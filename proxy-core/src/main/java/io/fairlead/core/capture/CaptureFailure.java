package io.fairlead.core.capture;

import io.fairlead.core.table.Frontend;

/// A frontend that clients cannot reach, and why.
///
/// @param inUse whether another socket holds the address and port
/// @param message the cause and what to do about it
public record CaptureFailure(Frontend frontend, boolean inUse, String message) {}
