@NullMarked
package io.fairlead.core.table;

import org.jspecify.annotations.NullMarked;
