/** Tests of {@code io.millrace.security.file}. */
@NullMarked
package io.millrace.security.file;

import org.jspecify.annotations.NullMarked;
