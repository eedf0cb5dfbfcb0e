/**
 * Key compaction: chooses partitions, collects the newest offset of each key and filters superseded
 * records.
 */
@NullMarked
package io.millrace.compaction.key;

import org.jspecify.annotations.NullMarked;
