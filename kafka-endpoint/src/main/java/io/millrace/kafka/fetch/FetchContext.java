package io.millrace.kafka.fetch;

import io.millrace.fetch.FetchNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.quota.QuotaEnforcement;

/** The components that all Fetch requests share, owned by the fetch node's event loop. */
record FetchContext(
        FetchNode fetch,
        Metadata metadata,
        TopicIds ids,
        KafkaNodes nodes,
        FetchLimits limits,
        FetchSessions sessions,
        PartitionWatch watch,
        UnreadAnswers unread,
        QuotaEnforcement quotas) {

    EventLoop loop() {
        return metadata.loop();
    }
}
