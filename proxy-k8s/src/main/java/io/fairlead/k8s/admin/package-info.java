/// The admin socket: what the agent tells of itself to those who may ask, and how commands ask it.
/// Read-only; docs/admin-api.md.
@NullMarked
package io.fairlead.k8s.admin;

import org.jspecify.annotations.NullMarked;
