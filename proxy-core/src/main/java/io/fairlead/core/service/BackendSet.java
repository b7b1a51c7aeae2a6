package io.fairlead.core.service;

import java.util.List;

/// The backends that one class of clients may be led to, or why there are none.
///
/// Sorted by address and free of duplicates, so that equal inputs give equal sets on every node.
public record BackendSet(List<BackendSpec> backends, Verdict verdict) {

    /// No endpoint anywhere: clients are refused.
    public static final BackendSet REJECT = new BackendSet(List.of(), Verdict.REJECT);

    /// A policy leaves no endpoint here: carried out as a refusal.
    public static final BackendSet DROP = new BackendSet(List.of(), Verdict.DROP);

    /// What happens to a client of the set (SEMANTICS A6).
    public enum Verdict {
        FORWARD,
        REJECT,
        DROP
    }

    public BackendSet {
        backends = backends.stream().sorted().toList();
        if (backends.isEmpty() == (verdict == Verdict.FORWARD)) {
            throw new IllegalArgumentException(
                    verdict + " does not go with " + backends.size() + " backends");
        }
        for (int i = 1; i < backends.size(); i++) {
            if (backends.get(i).at().equals(backends.get(i - 1).at())) {
                throw new IllegalArgumentException("twice in a set: " + backends.get(i).at());
            }
        }
    }

    /// A set that forwards; `backends` must not be empty.
    public static BackendSet forward(List<BackendSpec> backends) {
        return new BackendSet(backends, Verdict.FORWARD);
    }
}
