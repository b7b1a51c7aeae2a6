/// Backends as the running data plane knows them: identity, live flows, life cycle.
///
/// They outlive table generations: a change that keeps a backend keeps its counts.
@NullMarked
package io.fairlead.core.backend;

import org.jspecify.annotations.NullMarked;
