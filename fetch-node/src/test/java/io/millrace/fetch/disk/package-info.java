/** Tests of {@code io.millrace.fetch.disk}. */
@NullMarked
package io.millrace.fetch.disk;

import org.jspecify.annotations.NullMarked;
