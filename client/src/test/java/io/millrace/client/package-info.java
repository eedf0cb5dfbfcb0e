/** Tests of the client against an honest fake of the server. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
