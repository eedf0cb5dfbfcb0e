/** Every kind of violation, and that it is named. */
@NullMarked
package io.millrace.cli.proof;

import org.jspecify.annotations.NullMarked;
