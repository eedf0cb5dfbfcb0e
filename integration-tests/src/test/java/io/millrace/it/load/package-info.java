/** Load on a running server over the Kafka protocol, for {@code benchmarks/kafka}. */
@NullMarked
package io.millrace.it.load;

import org.jspecify.annotations.NullMarked;
