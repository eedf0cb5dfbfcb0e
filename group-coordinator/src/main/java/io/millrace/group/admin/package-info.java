/** Administration of groups. */
@NullMarked
package io.millrace.group.admin;

import org.jspecify.annotations.NullMarked;
