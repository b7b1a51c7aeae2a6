@NullMarked
package io.fairlead.core.udp;

import org.jspecify.annotations.NullMarked;
