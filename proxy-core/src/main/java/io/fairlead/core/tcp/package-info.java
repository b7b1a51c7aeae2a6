/// The TCP relay: listeners, flows, and the two sockets of a flow.
///
/// One event loop owns a flow from accept to close; nothing here is shared between loops but the
/// published table and the backends' counts.
@NullMarked
package io.fairlead.core.tcp;

import org.jspecify.annotations.NullMarked;
