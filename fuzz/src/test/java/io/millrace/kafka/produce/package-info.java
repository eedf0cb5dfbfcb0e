@NullMarked
package io.millrace.kafka.produce;

import org.jspecify.annotations.NullMarked;
