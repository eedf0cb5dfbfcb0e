/** Tests of {@code io.millrace.fetch.cache}. */
@NullMarked
package io.millrace.fetch.cache;

import org.jspecify.annotations.NullMarked;
