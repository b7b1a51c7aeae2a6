package io.fairlead.k8s.watch;

/// A manifest file cannot be read as a whole.
///
/// Expected whenever somebody is writing the file, hence without a stack trace.
final class BrokenFileException extends Exception {
    private static final long serialVersionUID = 1;

    private final String place;

    /// @param place within the file, such as `line 3`; empty for all of it
    BrokenFileException(String place, String message) {
        super(message, null, false, false);
        this.place = place;
    }

    String place() {
        return place;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
