@NullMarked
package io.millrace.kafka.topic;

import org.jspecify.annotations.NullMarked;
