package io.fairlead.k8s.watch;

/// A file of manifests or configuration cannot be read as a whole.
///
/// Expected whenever somebody is writing the file, hence without a stack trace.
public final class BrokenFileException extends Exception {
    private static final long serialVersionUID = 1;

    private final String place;

    /// @param place within the file, such as `line 3`; empty for all of it
    BrokenFileException(String place, String message) {
        super(message, null, false, false);
        this.place = place;
    }

    public String place() {
        return place;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
