package io.fairlead.core.balance;

/// The backend that owns a hash in a [MaglevTable].
final class MaglevPicker implements BackendPicker {

    private final MaglevTable table;
    private final HashKey key;

    MaglevPicker(MaglevTable table, HashKey key) {
        this.table = table;
        this.key = key;
    }

    @Override
    public int pick(long hash) {
        return table.owner(table.slot(hash));
    }

    @Override
    public int pickAmong(long hash, Candidates candidates) {
        return table.ownerAmong(hash, candidates);
    }

    @Override
    public HashKey hashKey() {
        return key;
    }
}
