/** Decides which operations a caller may execute, for all protocols. */
@NullMarked
package io.millrace.security.authorization;

import org.jspecify.annotations.NullMarked;
