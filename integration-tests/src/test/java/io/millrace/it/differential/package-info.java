/**
 * Differential tests: the same requests to a broker of Apache Kafka and to Millrace, whose answers
 * must be equal except for {@link KnownDifferences}.
 */
@NullMarked
package io.millrace.it.differential;

import org.jspecify.annotations.NullMarked;
