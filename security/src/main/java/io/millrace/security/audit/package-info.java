/** The audit log: administrative and refused operations, as JSON lines. */
@NullMarked
package io.millrace.security.audit;

import org.jspecify.annotations.NullMarked;
