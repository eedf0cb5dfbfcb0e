/** What tests of all modules share. */
@NullMarked
package io.millrace.storage;

import org.jspecify.annotations.NullMarked;
