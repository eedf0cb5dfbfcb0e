/** The bucket as a folder of a local disk. */
@NullMarked
package io.millrace.storage.object.local;

import org.jspecify.annotations.NullMarked;
