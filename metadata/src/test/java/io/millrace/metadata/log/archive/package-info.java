/** Tests. */
@NullMarked
package io.millrace.metadata.log.archive;

import org.jspecify.annotations.NullMarked;
