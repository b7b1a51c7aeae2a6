/// BPF without a compiler or a library: maps, programs and links by `bpf(2)`, and an assembler for
/// the few instruction forms that are needed.
///
/// Knows nothing of Services. Control thread only.
@NullMarked
package io.fairlead.core.bpf;

import org.jspecify.annotations.NullMarked;
