package io.fairlead.core.table;

import java.util.Collection;

/// A new generation of the table, and where clients arrive now that did not before, and the other
/// way round.
public record TableUpdate(
        VipTable table, Collection<Frontend> added, Collection<Frontend> removed) {}
