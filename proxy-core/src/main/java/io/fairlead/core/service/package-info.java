/// The model of the one door into the data plane: VIPs, service ports, backend sets and snapshots.
///
/// Plain immutable values; no Kubernetes type, no socket, no thread.
@NullMarked
package io.fairlead.core.service;

import org.jspecify.annotations.NullMarked;
