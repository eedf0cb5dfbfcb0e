/** Snapshots of the metadata state. */
@NullMarked
package io.millrace.metadata.snapshot;

import org.jspecify.annotations.NullMarked;
