/// Tests of the data plane as a whole, through its one door and real sockets.
@NullMarked
package io.fairlead.core;

import org.jspecify.annotations.NullMarked;
