/// Counts of what took how long, of which metrics are made. A leaf.
@NullMarked
package io.fairlead.k8s.measure;

import org.jspecify.annotations.NullMarked;
