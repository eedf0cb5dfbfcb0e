/** Tests of {@code io.millrace.security.authentication.certificate}. */
@NullMarked
package io.millrace.security.authentication.certificate;

import org.jspecify.annotations.NullMarked;
