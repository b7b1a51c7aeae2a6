package io.fairlead.k8s;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

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
        return barePath ? message + ": " + word(e) : message;
    }

    private static String word(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file or folder";
            case FileAlreadyExistsException _ -> "is there already";
            case NotDirectoryException _ -> "not a folder";
            default -> e.getClass().getSimpleName();
        };
    }
}
