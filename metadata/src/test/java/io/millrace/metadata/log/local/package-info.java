/** Tests. */
@NullMarked
package io.millrace.metadata.log.local;

import org.jspecify.annotations.NullMarked;
