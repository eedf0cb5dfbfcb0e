/**
 * The producer of the Java client: batching, routing to ingest nodes, retries and idempotent
 * sequences.
 */
@NullMarked
package io.millrace.client.producer;

import org.jspecify.annotations.NullMarked;
