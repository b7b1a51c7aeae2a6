@NullMarked
package io.fairlead.core.transport;

import org.jspecify.annotations.NullMarked;
