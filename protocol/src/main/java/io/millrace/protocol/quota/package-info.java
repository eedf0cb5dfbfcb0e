/** Quotas of principals: the same for all protocols. */
@NullMarked
package io.millrace.protocol.quota;

import org.jspecify.annotations.NullMarked;
