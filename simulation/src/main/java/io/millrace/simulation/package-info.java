/** Whole clusters in virtual time: a seed decides everything, and every promise is checked. */
@NullMarked
package io.millrace.simulation;

import org.jspecify.annotations.NullMarked;
