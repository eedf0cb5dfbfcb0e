/** The bucket in S3 or in an S3-compatible store. */
@NullMarked
package io.millrace.storage.object.s3;

import org.jspecify.annotations.NullMarked;
