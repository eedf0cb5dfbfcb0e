/** Tests of {@code io.millrace.fetch.zone}. */
@NullMarked
package io.millrace.fetch.zone;

import org.jspecify.annotations.NullMarked;
