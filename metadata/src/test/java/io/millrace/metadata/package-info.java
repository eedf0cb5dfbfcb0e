/** Metadata fixtures for the tests of all modules. */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
