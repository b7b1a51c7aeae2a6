/// Fixtures: real sockets that play clients and backends.
@NullMarked
package io.fairlead.core.testing;

import org.jspecify.annotations.NullMarked;
