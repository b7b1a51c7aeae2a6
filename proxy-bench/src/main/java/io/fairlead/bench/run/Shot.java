package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest;

/// A load to give once in each round, and the cell that its figure goes to.
///
/// @param during what goes on meanwhile
record Shot(OpenCell cell, Site site, LoadRequest request, During during) {

    Shot(OpenCell cell, Site site, LoadRequest request) {
        this(cell, site, request, () -> () -> {});
    }

    /// Something that begins before a load and ends after it.
    interface During {
        AutoCloseable begin() throws Exception;
    }

    String peer() {
        return site.peer().id();
    }
}
