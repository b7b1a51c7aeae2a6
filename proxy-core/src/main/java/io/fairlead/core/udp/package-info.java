/// The UDP side of the data plane: flows of datagrams between clients and backends.
///
/// A flow is what a client's address and port send to one VIP; one event loop owns it.
@NullMarked
package io.fairlead.core.udp;

import org.jspecify.annotations.NullMarked;
