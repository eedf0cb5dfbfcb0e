@NullMarked
package io.millrace.kafka.connection;

import org.jspecify.annotations.NullMarked;
