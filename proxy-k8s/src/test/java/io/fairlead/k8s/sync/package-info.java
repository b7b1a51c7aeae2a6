/// Tests of the control thread and what it keeps.
@NullMarked
package io.fairlead.k8s.sync;

import org.jspecify.annotations.NullMarked;
