/// What TCP and UDP flows share: who the client is, and which backend it is led to.
@NullMarked
package io.fairlead.core.flow;

import org.jspecify.annotations.NullMarked;
