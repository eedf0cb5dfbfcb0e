/** The consistency checker of millrace verify. */
@NullMarked
package io.millrace.cli.verify;

import org.jspecify.annotations.NullMarked;
