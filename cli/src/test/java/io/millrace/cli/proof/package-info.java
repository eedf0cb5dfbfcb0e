/** Tests that every kind of violation is detected and reported. */
@NullMarked
package io.millrace.cli.proof;

import org.jspecify.annotations.NullMarked;
