/** The stream object format: the one layout of WAL blocks, segments and manifests. */
@NullMarked
package io.millrace.storage.stream;

import org.jspecify.annotations.NullMarked;
