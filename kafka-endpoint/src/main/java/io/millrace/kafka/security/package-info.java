/** Handlers of requests about ACLs, quotas and SCRAM credentials. */
@NullMarked
package io.millrace.kafka.security;

import org.jspecify.annotations.NullMarked;
