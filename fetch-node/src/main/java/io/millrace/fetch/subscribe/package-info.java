/** Subscriptions: streams of records to clients with or without a group. */
@NullMarked
package io.millrace.fetch.subscribe;

import org.jspecify.annotations.NullMarked;
