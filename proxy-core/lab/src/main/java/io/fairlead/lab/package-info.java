/// The network lab: nodes, pods and clients as network namespaces, with servers and clients that
/// say who saw whom. Knows nothing of the product, so that every module and the benchmarks can use
/// it.
///
/// How to write a test in it, and the traps, are in `docs/testing.md`.
@NullMarked
package io.fairlead.lab;

import org.jspecify.annotations.NullMarked;
