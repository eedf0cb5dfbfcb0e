@NullMarked
package io.millrace.it;

import org.jspecify.annotations.NullMarked;
