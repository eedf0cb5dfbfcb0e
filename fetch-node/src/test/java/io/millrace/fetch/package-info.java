/** Tests of the read path, on virtual time. */
@NullMarked
package io.millrace.fetch;

import org.jspecify.annotations.NullMarked;
