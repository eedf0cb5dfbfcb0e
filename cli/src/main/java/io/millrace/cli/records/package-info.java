/** The commands that produce and consume records. */
@NullMarked
package io.millrace.cli.records;

import org.jspecify.annotations.NullMarked;
