@NullMarked
package io.fairlead.k8s.config;

import org.jspecify.annotations.NullMarked;
