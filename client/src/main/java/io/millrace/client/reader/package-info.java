/** A reader of partitions at offsets of its own choice, without a consumer group. */
@NullMarked
package io.millrace.client.reader;

import org.jspecify.annotations.NullMarked;
