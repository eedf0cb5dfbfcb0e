/** Limits shared by independent users. */
@NullMarked
package io.millrace.runtime.limit;

import org.jspecify.annotations.NullMarked;
