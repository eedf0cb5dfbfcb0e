/** The entry point of the Java client, {@link io.millrace.client.MillraceClient}. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
