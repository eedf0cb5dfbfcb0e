/** Tests of the identity of a cluster. */
@NullMarked
package io.millrace.metadata.identity;

import org.jspecify.annotations.NullMarked;
