/** The exceptions of the Java client. */
@NullMarked
package io.millrace.client.error;

import org.jspecify.annotations.NullMarked;
