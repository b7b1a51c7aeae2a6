package io.fairlead.core.balance;

/// The picker of a single backend, whatever the policy.
final class SolePicker implements BackendPicker {

    static final SolePicker INSTANCE = new SolePicker();

    private SolePicker() {}

    @Override
    public int pick(long hash) {
        return 0;
    }

    @Override
    public int pickAmong(long hash, Candidates candidates) {
        return candidates.has(0) ? 0 : NONE;
    }

    @Override
    public HashKey hashKey() {
        return HashKey.NONE;
    }
}
