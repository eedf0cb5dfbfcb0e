/** The numbers of nodes. */
@NullMarked
package io.millrace.metadata.node;

import org.jspecify.annotations.NullMarked;
