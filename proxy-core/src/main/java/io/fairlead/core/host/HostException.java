package io.fairlead.core.host;

/// Something that this node's kernel or its programs would not do; the message is a line for the
/// user.
public final class HostException extends Exception {

    private static final long serialVersionUID = 1;

    HostException(String message) {
        super(message);
    }

    HostException(String message, Throwable cause) {
        super(message, cause);
    }

    /// The line for the user.
    String line() {
        return String.valueOf(getMessage());
    }
}
