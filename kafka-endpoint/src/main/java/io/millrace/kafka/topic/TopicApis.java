package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.TopicAdmin;
import java.util.List;

/** The handlers of all requests that administrate topics and settings. */
public final class TopicApis {

    private TopicApis() {}

    /**
     * @param bucket the address of the bucket, which stands for the log directory
     */
    public static List<ApiHandler<?, ?>> of(
            Metadata metadata, KafkaNodes nodes, TopicIds ids, NodeConfig node, String bucket) {
        TopicAdmin topics = new TopicAdmin(metadata);
        return List.of(
                new TopicCreationHandler(metadata, topics, ids, node.partitions()),
                new TopicDeletionHandler(metadata, topics, ids),
                new PartitionCreationHandler(metadata, topics),
                new RecordDeletionHandler(metadata, topics),
                new ConfigDescriptionHandler(metadata, topics, nodes, node),
                new IncrementalAlterConfigsHandler(metadata, topics, nodes),
                new AlterConfigsHandler(metadata, topics, nodes),
                new TopicPartitionsHandler(metadata, nodes, ids),
                new LogDirsHandler(metadata, nodes, bucket),
                new ReassignmentListHandler());
    }
}
