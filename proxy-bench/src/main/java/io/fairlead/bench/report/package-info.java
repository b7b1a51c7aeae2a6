/// What a run measured, as data, and the pages made of it.
@NullMarked
package io.fairlead.bench.report;

import org.jspecify.annotations.NullMarked;
