/** The stream object format of WAL blocks, segments and extent manifests. */
@NullMarked
package io.millrace.storage.stream;

import org.jspecify.annotations.NullMarked;
