/** Fixtures: metadata for the tests of other modules. */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
