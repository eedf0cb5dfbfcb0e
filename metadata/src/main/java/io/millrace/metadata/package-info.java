/** What the cluster knows: reading it, waiting for it, changing it. */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
