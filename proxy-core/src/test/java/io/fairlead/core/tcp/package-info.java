@NullMarked
package io.fairlead.core.tcp;

import org.jspecify.annotations.NullMarked;
