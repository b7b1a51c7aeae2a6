package io.fairlead.k8s.cluster;

/// Something that happened to an object of the cluster and that those who run it shall see beside
/// the object (SEMANTICS A1.13).
///
/// @param regarding the object
/// @param reason one word for programs
/// @param action what was being done, one word for programs
/// @param note for people
public record ClusterEvent(
        ObjectKey regarding, Severity severity, String reason, String action, String note) {

    /// The two there are, as the API spells them.
    public enum Severity {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String word;

        Severity(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public static ClusterEvent warning(
            ObjectKey regarding, String reason, String action, String note) {
        return new ClusterEvent(regarding, Severity.WARNING, reason, action, note);
    }
}
