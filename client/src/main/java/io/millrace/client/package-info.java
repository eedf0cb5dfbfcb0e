/**
 * The entry point of the Java client: {@link io.millrace.client.MillraceClient} connects and gives
 * producers, readers, subscriptions and administration.
 */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
