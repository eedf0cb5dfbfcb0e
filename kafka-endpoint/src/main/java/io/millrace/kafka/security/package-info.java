/** Handlers of requests about ACLs and quotas. */
@NullMarked
package io.millrace.kafka.security;

import org.jspecify.annotations.NullMarked;
