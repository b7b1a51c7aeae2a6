@NullMarked
package io.fairlead.core.service;

import org.jspecify.annotations.NullMarked;
