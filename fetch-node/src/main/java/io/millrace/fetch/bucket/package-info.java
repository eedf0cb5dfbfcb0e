/** Limited loading of chunks and object indexes from the bucket. */
@NullMarked
package io.millrace.fetch.bucket;

import org.jspecify.annotations.NullMarked;
