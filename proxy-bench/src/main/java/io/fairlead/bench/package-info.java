/// Benchmarks of the hot path: one question each, beside a baseline that answers what the
/// measurement itself costs.
@NullMarked
package io.fairlead.bench;

import org.jspecify.annotations.NullMarked;
