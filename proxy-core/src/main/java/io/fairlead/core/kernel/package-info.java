/// System calls that no library makes from Java, through the foreign function interface.
///
/// A leaf: knows nothing of Services, sockets of Netty's or BPF.
@NullMarked
package io.fairlead.core.kernel;

import org.jspecify.annotations.NullMarked;
