@NullMarked
package io.millrace.runtime.disk;

import org.jspecify.annotations.NullMarked;
