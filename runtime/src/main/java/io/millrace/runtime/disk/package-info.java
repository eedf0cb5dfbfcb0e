/** The port to the local disk, with explicit durability. */
@NullMarked
package io.millrace.runtime.disk;

import org.jspecify.annotations.NullMarked;
