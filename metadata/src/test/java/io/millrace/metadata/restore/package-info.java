/** Tests of restores. */
@NullMarked
package io.millrace.metadata.restore;

import org.jspecify.annotations.NullMarked;
