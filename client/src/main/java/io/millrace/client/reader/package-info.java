/** A reader of partitions at chosen offsets, without a consumer group. */
@NullMarked
package io.millrace.client.reader;

import org.jspecify.annotations.NullMarked;
