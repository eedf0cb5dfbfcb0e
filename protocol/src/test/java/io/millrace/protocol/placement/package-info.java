@NullMarked
package io.millrace.protocol.placement;

import org.jspecify.annotations.NullMarked;
