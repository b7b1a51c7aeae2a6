/// What this node is to do with the cluster's Services: every Service rule, as a pure function.
///
/// No Kubernetes type, no socket, no clock. Rules carry their ids from docs/semantics.md.
@NullMarked
package io.fairlead.k8s.local;

import org.jspecify.annotations.NullMarked;
