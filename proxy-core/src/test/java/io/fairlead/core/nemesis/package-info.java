/// The nemesis of `io.fairlead.lab.frames`, turned on a data plane.
@NullMarked
package io.fairlead.core.nemesis;

import org.jspecify.annotations.NullMarked;
