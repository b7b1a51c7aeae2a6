/// From the latest state of the cluster to the data plane: coalescing, applying, reporting.
@NullMarked
package io.fairlead.k8s.sync;

import org.jspecify.annotations.NullMarked;
