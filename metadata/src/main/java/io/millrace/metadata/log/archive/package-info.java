/** Archives and checkpoints of a metadata log in the bucket. */
@NullMarked
package io.millrace.metadata.log.archive;

import org.jspecify.annotations.NullMarked;
