/// The `fairlead` program: commands, their options and what they print.
@NullMarked
package io.fairlead.k8s.cli;

import org.jspecify.annotations.NullMarked;
