@NullMarked
package io.fairlead.core.capture;

import org.jspecify.annotations.NullMarked;
