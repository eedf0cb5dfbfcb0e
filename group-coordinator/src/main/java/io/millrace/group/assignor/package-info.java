/** Pure computation of target assignments. */
@NullMarked
package io.millrace.group.assignor;

import org.jspecify.annotations.NullMarked;
