/// How clients of VIPs reach us: the ways to make the kernel hand their connections over.
@NullMarked
package io.fairlead.core.capture;

import org.jspecify.annotations.NullMarked;
