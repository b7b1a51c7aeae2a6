/// What one agent gives to the next, and the talk by which it does so, over a unix socket.
///
/// Values and messages alone: what they mean to sockets and tables is known by their owners
/// (docs/adr/0011-take-over.md).
@NullMarked
package io.fairlead.core.handover;

import org.jspecify.annotations.NullMarked;
