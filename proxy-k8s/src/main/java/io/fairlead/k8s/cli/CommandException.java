package io.fairlead.k8s.cli;

import org.jspecify.annotations.Nullable;

/// A command that could not do its work; the message is one line for the user.
final class CommandException extends Exception {

    private static final long serialVersionUID = 1;

    CommandException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// Nobody reads the output any more, or there is no room for it.
    static CommandException outputLost() {
        return new CommandException("standard output cannot be written to", null);
    }
}
