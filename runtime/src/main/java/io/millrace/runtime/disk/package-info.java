/** The local disk port: what of a file system a crash leaves behind. */
@NullMarked
package io.millrace.runtime.disk;

import org.jspecify.annotations.NullMarked;
