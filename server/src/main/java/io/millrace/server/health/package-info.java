/** The health of a node: facts, and the decisions that derive from them. */
@NullMarked
package io.millrace.server.health;

import org.jspecify.annotations.NullMarked;
