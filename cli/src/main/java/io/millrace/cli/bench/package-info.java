/** The load generator of millrace bench. */
@NullMarked
package io.millrace.cli.bench;

import org.jspecify.annotations.NullMarked;
