/// Event loops and sockets: the thin layer over Netty's native transport that relays stand on.
///
/// No Channel and no pipeline: a socket, a handle and the loop's readiness events (see
/// docs/adr/0002-raw-handles.md).
@NullMarked
package io.fairlead.core.transport;

import org.jspecify.annotations.NullMarked;
