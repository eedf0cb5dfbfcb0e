/** Subscriptions: what a client that shares topics with others, or reads them whole, is sent. */
@NullMarked
package io.millrace.fetch.subscribe;

import org.jspecify.annotations.NullMarked;
