/// Benchmarks from end to end: clients and servers in a lab of network namespaces, and the agent as
/// a process of its own between them.
@NullMarked
package io.fairlead.bench.run;

import org.jspecify.annotations.NullMarked;
