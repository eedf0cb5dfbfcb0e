package io.millrace.kafka.produce;

import io.millrace.ingest.IngestNode;
import io.millrace.ingest.sequence.SequenceGaps;
import io.millrace.kafka.cluster.CurrentLeaders;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.metadata.Metadata;
import io.millrace.security.quota.QuotaEnforcement;

/** The components that all Produce requests share, owned by the loop of the ingest node. */
record ProduceContext(
        IngestNode ingest,
        Metadata metadata,
        TopicIds ids,
        PendingTopicIds pendingIds,
        CurrentLeaders leaders,
        SequenceGaps gaps,
        QuotaEnforcement quotas) {}
