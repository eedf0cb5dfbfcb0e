/** Pure computation of target assignments: sticky and range. */
@NullMarked
package io.millrace.group.assignor;

import org.jspecify.annotations.NullMarked;
