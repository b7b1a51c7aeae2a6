package io.fairlead.k8s.admin;

/// What is written of each connection that ends, and where.
///
/// @param to `off`, `stdout`, or a file
/// @param format of a line
/// @param oneIn of every so many connections one is written, where the Service does not say; 0 for
///   none
public record AccessLogOptions(String to, Format format, int oneIn) {

    public static final String OFF = "off";
    public static final String STDOUT = "stdout";

    /// Nothing is written.
    public static final AccessLogOptions DEFAULT = new AccessLogOptions(OFF, Format.JSON, 1);

    /// How a line looks.
    public enum Format {
        JSON,
        TEXT
    }

    public boolean isOff() {
        return to.equals(OFF);
    }

    public AccessLogOptions withTo(String where) {
        return new AccessLogOptions(where, format, oneIn);
    }

    public AccessLogOptions withFormat(Format form) {
        return new AccessLogOptions(to, form, oneIn);
    }

    public AccessLogOptions withOneIn(int count) {
        return new AccessLogOptions(to, format, count);
    }
}
