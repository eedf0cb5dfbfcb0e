@NullMarked
package io.millrace.kafka.auth;

import org.jspecify.annotations.NullMarked;
