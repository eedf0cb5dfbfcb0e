@NullMarked
package io.millrace.storage.stream;

import org.jspecify.annotations.NullMarked;
