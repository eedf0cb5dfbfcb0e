/** Tests of the client against a fake server. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
