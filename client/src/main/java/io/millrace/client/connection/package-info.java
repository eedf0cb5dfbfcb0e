/**
 * Settings, gRPC connections and calls of the client. Applications use only {@link
 * io.millrace.client.connection.ClientSettings} and {@link
 * io.millrace.client.connection.TokenSource}.
 */
@NullMarked
package io.millrace.client.connection;

import org.jspecify.annotations.NullMarked;
