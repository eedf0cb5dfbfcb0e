/** Tests. */
@NullMarked
package io.millrace.metadata.checkpoint;

import org.jspecify.annotations.NullMarked;
