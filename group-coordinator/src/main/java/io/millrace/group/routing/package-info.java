/** Routing of member sessions from any node to the coordinator of the group. */
@NullMarked
package io.millrace.group.routing;

import org.jspecify.annotations.NullMarked;
