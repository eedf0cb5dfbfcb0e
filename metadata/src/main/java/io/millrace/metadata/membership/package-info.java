/** The live nodes of a cluster and its leader. */
@NullMarked
package io.millrace.metadata.membership;

import org.jspecify.annotations.NullMarked;
