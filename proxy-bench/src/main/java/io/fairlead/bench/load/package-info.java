/// The load generator and the server that it talks to: two programs of their own, each on epoll, so
/// that neither shares a thread, a heap or a CPU account with what is measured.
@NullMarked
package io.fairlead.bench.load;

import org.jspecify.annotations.NullMarked;
