/** A metadata log's past: archives and checkpoints in the bucket, and the list that names them. */
@NullMarked
package io.millrace.metadata.log.archive;

import org.jspecify.annotations.NullMarked;
