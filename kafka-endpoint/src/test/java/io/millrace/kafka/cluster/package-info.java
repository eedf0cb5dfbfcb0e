@NullMarked
package io.millrace.kafka.cluster;

import org.jspecify.annotations.NullMarked;
