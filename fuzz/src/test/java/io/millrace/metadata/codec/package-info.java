@NullMarked
package io.millrace.metadata.codec;

import org.jspecify.annotations.NullMarked;
