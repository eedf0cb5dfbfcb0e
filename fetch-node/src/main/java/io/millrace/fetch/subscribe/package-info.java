/**
 * Subscriptions: streams that send a client the records of its topics, as a member of a group or
 * without one.
 */
@NullMarked
package io.millrace.fetch.subscribe;

import org.jspecify.annotations.NullMarked;
