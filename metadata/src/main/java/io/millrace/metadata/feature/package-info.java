/** Feature levels of the state machine, and the digest of its outcomes. */
@NullMarked
package io.millrace.metadata.feature;

import org.jspecify.annotations.NullMarked;
