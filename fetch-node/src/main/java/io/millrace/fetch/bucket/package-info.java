/** Loading of chunks and object indexes from the bucket, with limits on concurrent loads. */
@NullMarked
package io.millrace.fetch.bucket;

import org.jspecify.annotations.NullMarked;
