/**
 * The proof of {@code millrace verify}: what was acknowledged, against what is read. No I/O, clock,
 * randomness or threads.
 */
@NullMarked
package io.millrace.cli.proof;

import org.jspecify.annotations.NullMarked;
