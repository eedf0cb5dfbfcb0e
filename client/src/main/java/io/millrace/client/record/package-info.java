/** Records as the client sends and receives them, and the encoding of batches. */
@NullMarked
package io.millrace.client.record;

import org.jspecify.annotations.NullMarked;
