@NullMarked
package io.fairlead.core.host;

import org.jspecify.annotations.NullMarked;
