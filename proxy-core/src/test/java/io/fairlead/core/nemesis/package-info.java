/// Faults drawn from a seed, inflicted on a running data plane, and who checks what comes of it.
@NullMarked
package io.fairlead.core.nemesis;

import org.jspecify.annotations.NullMarked;
