package io.fairlead.core.balance;

/// The backends that a flow may still be led to, of those that a picker was built from. Asked on an
/// event loop: allocates nothing.
@FunctionalInterface
public interface Candidates {

    boolean has(int index);
}
