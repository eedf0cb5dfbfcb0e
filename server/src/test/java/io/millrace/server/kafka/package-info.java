@NullMarked
package io.millrace.server.kafka;

import org.jspecify.annotations.NullMarked;
