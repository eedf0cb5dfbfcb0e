/** The object store port: where all data lives. */
@NullMarked
package io.millrace.storage.object;

import org.jspecify.annotations.NullMarked;
