/** Tests of {@code io.millrace.cli.records}. */
@NullMarked
package io.millrace.cli.records;

import org.jspecify.annotations.NullMarked;
