package io.fairlead.core.handover;

import java.io.IOException;

/// The talk between two agents cannot go on; the message says why, for people.
public final class HandOverException extends IOException {
    private static final long serialVersionUID = 1L;

    public HandOverException(String message) {
        super(message);
    }
}
