/// What the agent tells those who ask over HTTP: its health, the health of Services, its metrics.
@NullMarked
package io.fairlead.k8s.status;

import org.jspecify.annotations.NullMarked;
