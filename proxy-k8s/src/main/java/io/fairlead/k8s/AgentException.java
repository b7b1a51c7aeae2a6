package io.fairlead.k8s;

/// An agent that cannot start, in one line that says what to do about it.
public final class AgentException extends Exception {

    private static final long serialVersionUID = 1;

    public AgentException(String message) {
        super(message);
    }

    public AgentException(String message, Throwable cause) {
        super(message, cause);
    }
}
