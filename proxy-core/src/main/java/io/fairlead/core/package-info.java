/// The data plane: service snapshots in, connections led to backends.
///
/// Packages, each of which uses only what stands before it: `service`, `backend`, `balance`,
/// `table`, `flow`, then `tcp`; `capture` stands beside `table`; `transport` is a leaf.
@NullMarked
package io.fairlead.core;

import org.jspecify.annotations.NullMarked;
