/** The serial executors that own mutable components. */
@NullMarked
package io.millrace.storage.loop;

import org.jspecify.annotations.NullMarked;
