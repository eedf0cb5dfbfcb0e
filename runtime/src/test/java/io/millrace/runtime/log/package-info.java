/** Tests of structured log lines. */
@NullMarked
package io.millrace.runtime.log;

import org.jspecify.annotations.NullMarked;
