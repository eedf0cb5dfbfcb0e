@NullMarked
package io.millrace.storage.object.s3;

import org.jspecify.annotations.NullMarked;
