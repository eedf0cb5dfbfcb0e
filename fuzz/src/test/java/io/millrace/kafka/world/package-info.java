@NullMarked
package io.millrace.kafka.world;

import org.jspecify.annotations.NullMarked;
