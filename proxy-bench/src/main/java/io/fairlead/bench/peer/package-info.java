/// What is measured: ways from a client to a backend, each in a lab of its own.
@NullMarked
package io.fairlead.bench.peer;

import org.jspecify.annotations.NullMarked;
