/**
 * The settings of a client, and its gRPC connections and calls. Only {@link
 * io.millrace.client.connection.ClientSettings} is for users.
 */
@NullMarked
package io.millrace.client.connection;

import org.jspecify.annotations.NullMarked;
