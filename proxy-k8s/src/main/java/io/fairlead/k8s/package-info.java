/// The node agent: the state of a cluster, or of a folder of manifests, led to the data plane.
///
/// Packages, each of which uses only what stands before it: `cluster` and `measure`, then `watch`
/// and `local` side by side, `sync`, `status`, this one, `cli`.
@NullMarked
package io.fairlead.k8s;

import org.jspecify.annotations.NullMarked;
