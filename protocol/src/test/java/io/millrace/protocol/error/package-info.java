@NullMarked
package io.millrace.protocol.error;

import org.jspecify.annotations.NullMarked;
