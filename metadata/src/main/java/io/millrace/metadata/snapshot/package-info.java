/** Reading and writing of snapshots of the metadata state. */
@NullMarked
package io.millrace.metadata.snapshot;

import org.jspecify.annotations.NullMarked;
