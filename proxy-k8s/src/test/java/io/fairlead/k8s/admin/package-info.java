@NullMarked
package io.fairlead.k8s.admin;

import org.jspecify.annotations.NullMarked;
