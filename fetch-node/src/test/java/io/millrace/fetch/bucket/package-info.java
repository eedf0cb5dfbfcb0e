/** Tests of {@code io.millrace.fetch.bucket}. */
@NullMarked
package io.millrace.fetch.bucket;

import org.jspecify.annotations.NullMarked;
