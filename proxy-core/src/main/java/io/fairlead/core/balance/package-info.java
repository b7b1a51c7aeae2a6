/// Choosing a backend for a new flow.
///
/// Pure: pickers are built by the control thread when a table changes and only indexed when a flow
/// starts, without allocation, lock or I/O. Session affinity stands above the pickers and is the
/// one thing here that remembers flows; it outlives table generations.
///
/// A picker knows the backends and weights that it was built from and nothing else. A backend that
/// must not be chosen for a while, or whose share ramps up, is a matter of building again with
/// fewer backends or other weights.
@NullMarked
package io.fairlead.core.balance;

import org.jspecify.annotations.NullMarked;
