/** Records and batches of the Java client, and the encoding of batches. */
@NullMarked
package io.millrace.client.record;

import org.jspecify.annotations.NullMarked;
