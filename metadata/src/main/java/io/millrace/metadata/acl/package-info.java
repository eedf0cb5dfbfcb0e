/** The access control lists of a cluster, and the index that decides accesses. */
@NullMarked
package io.millrace.metadata.acl;

import org.jspecify.annotations.NullMarked;
