/// Tests of the agent as a whole: manifests at one end, connections at the other.
@NullMarked
package io.fairlead.k8s;

import org.jspecify.annotations.NullMarked;
