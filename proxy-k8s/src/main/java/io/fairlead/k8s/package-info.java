/// The node agent: the state of a cluster, or of a folder of manifests, led to the data plane.
///
/// Packages, each of which uses only what stands before it: `cluster`, then `watch` and `local`
/// side by side, `sync`, this one, `cli`.
@NullMarked
package io.fairlead.k8s;

import org.jspecify.annotations.NullMarked;
