/** Client certificates. */
@NullMarked
package io.millrace.security.authentication.certificate;

import org.jspecify.annotations.NullMarked;
