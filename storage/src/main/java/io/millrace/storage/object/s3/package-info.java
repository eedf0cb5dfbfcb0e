/** The bucket in S3, or in whatever speaks its protocol. */
@NullMarked
package io.millrace.storage.object.s3;

import org.jspecify.annotations.NullMarked;
