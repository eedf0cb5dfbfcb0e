/** The methods of authentication that are enabled, with their settings and metrics. */
@NullMarked
package io.millrace.security.authentication.methods;

import org.jspecify.annotations.NullMarked;
