/** Tests of {@code io.millrace.client.admin}. */
@NullMarked
package io.millrace.client.admin;

import org.jspecify.annotations.NullMarked;
