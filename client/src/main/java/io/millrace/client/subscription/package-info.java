/**
 * Subscriptions of the Java client: assigned partitions, delivery to handlers, commits and
 * revocation.
 */
@NullMarked
package io.millrace.client.subscription;

import org.jspecify.annotations.NullMarked;
