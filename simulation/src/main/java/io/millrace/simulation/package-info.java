/** Seeded simulation of whole clusters in virtual time. */
@NullMarked
package io.millrace.simulation;

import org.jspecify.annotations.NullMarked;
