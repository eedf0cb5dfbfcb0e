/** The port to the local disk. */
@NullMarked
package io.millrace.runtime.disk;

import org.jspecify.annotations.NullMarked;
