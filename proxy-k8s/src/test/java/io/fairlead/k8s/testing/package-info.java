/// Peers that tests of several packages use.
@NullMarked
package io.fairlead.k8s.testing;

import org.jspecify.annotations.NullMarked;
