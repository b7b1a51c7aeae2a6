package io.fairlead.core.balance;

/// What of a flow a picker wants hashed by [FlowHash].
public enum HashKey {
    /// Nothing: the picker ignores its argument.
    NONE,
    /// The 5-tuple: another flow of the same client may go elsewhere (SEMANTICS A9.4).
    TUPLE,
    /// The client's address: all its flows go the same way while the backends stay the same.
    CLIENT
}
