/// Tests of the lab itself.
@NullMarked
package io.fairlead.lab;

import org.jspecify.annotations.NullMarked;
