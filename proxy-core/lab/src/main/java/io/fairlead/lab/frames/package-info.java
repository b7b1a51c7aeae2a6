/// Faults drawn from a seed, and who checks what comes of them: clients and backends that exchange
/// numbered, checksummed frames, and a ledger of what was done to whom. Knows nothing of the
/// product.
@NullMarked
package io.fairlead.lab.frames;

import org.jspecify.annotations.NullMarked;
