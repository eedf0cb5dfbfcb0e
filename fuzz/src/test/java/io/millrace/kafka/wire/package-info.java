@NullMarked
package io.millrace.kafka.wire;

import org.jspecify.annotations.NullMarked;
