/** SCRAM credentials of users (RFC 5802): mechanisms, names and salted passwords. */
@NullMarked
package io.millrace.protocol.scram;

import org.jspecify.annotations.NullMarked;
