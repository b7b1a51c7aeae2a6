@NullMarked
package io.fairlead.core.backend;

import org.jspecify.annotations.NullMarked;
