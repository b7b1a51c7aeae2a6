@NullMarked
package io.fairlead.core.kernel;

import org.jspecify.annotations.NullMarked;
