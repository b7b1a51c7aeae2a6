@NullMarked
package io.fairlead.k8s.status;

import org.jspecify.annotations.NullMarked;
