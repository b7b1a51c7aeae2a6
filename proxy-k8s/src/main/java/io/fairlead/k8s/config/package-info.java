/// What an operator says to an agent: the keys, the files and the command line that give them
/// values, and how a file that changes reaches a running agent.
@NullMarked
package io.fairlead.k8s.config;

import org.jspecify.annotations.NullMarked;
