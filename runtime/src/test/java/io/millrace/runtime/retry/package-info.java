/** Tests of back-off. */
@NullMarked
package io.millrace.runtime.retry;

import org.jspecify.annotations.NullMarked;
