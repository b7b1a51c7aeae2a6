/// Where facts come from: a folder of manifests, or the API server.
///
/// The one package that knows the Kubernetes client's types; what leaves it are
/// [io.fairlead.k8s.cluster] facts.
@NullMarked
package io.fairlead.k8s.watch;

import org.jspecify.annotations.NullMarked;
