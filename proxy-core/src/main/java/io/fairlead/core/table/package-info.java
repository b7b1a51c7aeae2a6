/// The forwarding table: VIP to backends, one immutable generation at a time.
///
/// The control thread builds and publishes; event loops read once per new flow.
@NullMarked
package io.fairlead.core.table;

import org.jspecify.annotations.NullMarked;
