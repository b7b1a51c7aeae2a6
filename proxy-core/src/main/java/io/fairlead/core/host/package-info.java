/// What the kernel of this node is told about our traffic by `ip` and `nft`: routes, rules, tables.
///
/// Everything here runs on the control thread and concerns the network namespace of the thread that
/// calls. Each object is made idempotently, bears a mark of ours ([KernelNames]), can be checked
/// and repaired, and is removed by one command.
@NullMarked
package io.fairlead.core.host;

import org.jspecify.annotations.NullMarked;
