/** Errors as reported to clients. */
@NullMarked
package io.millrace.protocol.error;

import org.jspecify.annotations.NullMarked;
