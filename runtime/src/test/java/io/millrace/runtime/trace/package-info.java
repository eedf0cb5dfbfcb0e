@NullMarked
package io.millrace.runtime.trace;

import org.jspecify.annotations.NullMarked;
