/**
 * The entry point of the Java client: {@link io.millrace.client.MillraceClient} connects and
 * creates producers, readers, subscriptions and administration clients.
 */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
