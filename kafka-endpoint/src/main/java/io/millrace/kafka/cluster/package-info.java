/** Handlers of requests about the cluster: versions, nodes, topics and leaders. */
@NullMarked
package io.millrace.kafka.cluster;

import org.jspecify.annotations.NullMarked;
