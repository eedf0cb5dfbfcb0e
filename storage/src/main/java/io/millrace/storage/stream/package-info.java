/** The stream object format: the one layout of WAL blocks and segments. */
@NullMarked
package io.millrace.storage.stream;

import org.jspecify.annotations.NullMarked;
