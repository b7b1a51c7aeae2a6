@NullMarked
package io.fairlead.core.handover;

import org.jspecify.annotations.NullMarked;
