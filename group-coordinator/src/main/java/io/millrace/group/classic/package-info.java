/** Groups with client-side assignment, as in Kafka's classic protocol (ADR 7). Pure. */
@NullMarked
package io.millrace.group.classic;

import org.jspecify.annotations.NullMarked;
