package io.fairlead.k8s;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/// What a failed file operation says to a user: the JDK's messages are often the bare path.
public final class FailedIo {

    private FailedIo() {}

    /// The path and why, in one line.
    public static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof AccessDeniedException) {
            return message + ": permission denied";
        }
        boolean barePath =
                e instanceof FileSystemException f
                        && f.getReason() == null
                        && !message.contains(": ");
        return barePath ? message + ": " + e.getClass().getSimpleName() : message;
    }
}
