/** Files that are read again when they change. */
@NullMarked
package io.millrace.security.file;

import org.jspecify.annotations.NullMarked;
