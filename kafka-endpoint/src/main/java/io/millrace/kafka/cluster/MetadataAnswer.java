package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.wire.StreamedAnswer;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * The answer to one Metadata request: either all topics that the client may describe, or the topics
 * that were added. Topics are kept as snapshots and described while the answer is written. One
 * thread at a time.
 */
final class MetadataAnswer implements StreamedAnswer {

    private final RequestContext context;
    private final Metadata metadata;
    private final TopicIds ids;
    private final MetadataResponseData cluster;
    private final LeaderPlacement placement;
    private final boolean withOperations;
    private final List<TopicEntry> added = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private Topics all = Topics.NONE;

    /**
     * @param cluster the answer without topics
     * @param nodes the live nodes
     * @param withOperations whether the client has requested its operations on topics
     */
    MetadataAnswer(
            RequestContext context,
            Metadata metadata,
            TopicIds ids,
            MetadataResponseData cluster,
            List<KafkaNode> nodes,
            boolean withOperations) {
        this.context = context;
        this.metadata = metadata;
        this.ids = ids;
        this.cluster = cluster;
        this.placement = new LeaderPlacement(nodes, context.zone());
        this.withOperations = withOperations;
    }

    /** Adds all topics that the client may describe. */
    void addAll() {
        all = metadata.topics();
    }

    /** Returns whether the topic is known, or hidden from the client. */
    boolean addNamed(String name) {
        if (names.contains(name)) {
            return true;
        }
        if (!context.authorize(Operation.DESCRIBE, ResourceType.TOPIC, name)) {
            addFailed(name, Errors.TOPIC_AUTHORIZATION_FAILED);
            return true;
        }
        Optional<Topic> topic = metadata.topics().named(name);
        topic.ifPresent(this::add);
        return topic.isPresent();
    }

    /** Returns whether the topic is known. */
    boolean addById(Uuid id) {
        Optional<Topic> topic = ids.find(metadata.topics(), id);
        topic.ifPresent(found -> {
            if (mayDescribe(found)) {
                add(found);
            } else {
                addUnknown(id);
            }
        });
        return topic.isPresent();
    }

    void add(Topic topic) {
        if (names.add(topic.name())) {
            added.add(new TopicEntry.Described(topic));
        }
    }

    void addUnknown(Uuid id) {
        context.failed(Errors.UNKNOWN_TOPIC_ID);
        added.add(new TopicEntry.Failed(null, id, Errors.UNKNOWN_TOPIC_ID));
    }

    void addFailed(String name, Errors error) {
        context.failed(error);
        if (names.add(name)) {
            added.add(new TopicEntry.Failed(name, Uuid.ZERO_UUID, error));
        }
    }

    /** Adds a topic of a request that is refused as a whole. */
    void addRefused(String name, Uuid id) {
        added.add(new TopicEntry.Failed(name, id, Errors.INVALID_REQUEST));
    }

    @Override
    public short apiKey() {
        return ApiKeys.METADATA.id;
    }

    @Override
    public short lowestSupportedVersion() {
        return MetadataResponseData.LOWEST_SUPPORTED_VERSION;
    }

    @Override
    public short highestSupportedVersion() {
        return MetadataResponseData.HIGHEST_SUPPORTED_VERSION;
    }

    @Override
    public Encoding encode(short version) {
        return new MetadataEncoding(this, version, (int) metadata.generation());
    }

    /** Returns the answer without topics. */
    MetadataResponseData cluster() {
        return cluster;
    }

    LeaderPlacement placement() {
        return placement;
    }

    List<TopicEntry> added() {
        return added;
    }

    /** Returns the topics that are in the answer if the client may describe them. */
    Topics all() {
        return all;
    }

    boolean mayDescribe(Topic topic) {
        return context.allows(Operation.DESCRIBE, ResourceType.TOPIC, topic.name());
    }

    /** Returns a topic without its partitions. */
    MetadataResponseTopic topic(TopicEntry entry) {
        return switch (entry) {
            case TopicEntry.Described(Topic topic) -> {
                MetadataResponseTopic described =
                        new MetadataResponseTopic().setName(topic.name()).setTopicId(ids.of(topic));
                yield withOperations(described);
            }
            case TopicEntry.Failed(var name, Uuid id, Errors error) -> {
                MetadataResponseTopic failed =
                        new MetadataResponseTopic()
                                .setName(name)
                                .setTopicId(id)
                                .setErrorCode(error.code());
                yield name == null || error == Errors.TOPIC_AUTHORIZATION_FAILED
                        ? failed
                        : withOperations(failed);
            }
        };
    }

    private MetadataResponseTopic withOperations(MetadataResponseTopic topic) {
        return withOperations
                ? topic.setTopicAuthorizedOperations(
                        AuthorizedOperations.of(context, ResourceType.TOPIC, topic.name()))
                : topic;
    }
}
