/** Authentication by SCRAM credentials in the metadata. */
@NullMarked
package io.millrace.security.authentication.scram;

import org.jspecify.annotations.NullMarked;
