/** Tests of the command against the client's fake server. */
@NullMarked
package io.millrace.cli;

import org.jspecify.annotations.NullMarked;
