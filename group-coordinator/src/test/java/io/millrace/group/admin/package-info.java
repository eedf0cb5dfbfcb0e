/** Tests of {@code io.millrace.group.admin}. */
@NullMarked
package io.millrace.group.admin;

import org.jspecify.annotations.NullMarked;
