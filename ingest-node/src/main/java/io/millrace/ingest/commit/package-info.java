/** Upload and commit of sealed blocks, replies to producers, and back-pressure. */
@NullMarked
package io.millrace.ingest.commit;

import org.jspecify.annotations.NullMarked;
