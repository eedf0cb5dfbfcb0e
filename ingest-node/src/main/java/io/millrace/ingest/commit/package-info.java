/** Upload and commit of blocks, replies, and back-pressure. */
@NullMarked
package io.millrace.ingest.commit;

import org.jspecify.annotations.NullMarked;
