/** The quotas of a cluster. */
@NullMarked
package io.millrace.metadata.quota;

import org.jspecify.annotations.NullMarked;
