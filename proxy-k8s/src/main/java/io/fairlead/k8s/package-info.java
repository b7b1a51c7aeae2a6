/// The Kubernetes side of Fairlead: manifests or API objects in, service snapshots out.
///
/// Packages, each of which uses only what stands before it: `cluster`, then `watch` and `local`,
/// then `cli`. Only `watch` knows the Kubernetes client's types, and none of them knows Netty.
@NullMarked
package io.fairlead.k8s;

import org.jspecify.annotations.NullMarked;
