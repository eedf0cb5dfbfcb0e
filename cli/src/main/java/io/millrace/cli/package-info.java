/** The {@code millrace} command: administration, produce, consume and bench. */
@NullMarked
package io.millrace.cli;

import org.jspecify.annotations.NullMarked;
