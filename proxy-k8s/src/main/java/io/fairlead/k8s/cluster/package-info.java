/// What a cluster says about its Services, as plain immutable facts: no Kubernetes type, no node's
/// point of view, no decision.
@NullMarked
package io.fairlead.k8s.cluster;

import org.jspecify.annotations.NullMarked;
