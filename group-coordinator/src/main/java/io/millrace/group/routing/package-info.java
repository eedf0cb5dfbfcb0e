/** Routing of member sessions from any node to the node that coordinates the group. */
@NullMarked
package io.millrace.group.routing;

import org.jspecify.annotations.NullMarked;
