/** Tests of {@code io.millrace.client.reader}. */
@NullMarked
package io.millrace.client.reader;

import org.jspecify.annotations.NullMarked;
