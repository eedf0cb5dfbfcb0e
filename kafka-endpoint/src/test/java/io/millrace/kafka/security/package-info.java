@NullMarked
package io.millrace.kafka.security;

import org.jspecify.annotations.NullMarked;
