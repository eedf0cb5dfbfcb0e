/** The disk cache: chunks in files of a local folder. */
@NullMarked
package io.millrace.fetch.disk;

import org.jspecify.annotations.NullMarked;
