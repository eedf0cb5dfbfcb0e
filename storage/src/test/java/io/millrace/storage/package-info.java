/** Test fixtures for all modules. */
@NullMarked
package io.millrace.storage;

import org.jspecify.annotations.NullMarked;
