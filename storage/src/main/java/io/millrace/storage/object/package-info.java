/** The object store port, through which all records are stored. */
@NullMarked
package io.millrace.storage.object;

import org.jspecify.annotations.NullMarked;
