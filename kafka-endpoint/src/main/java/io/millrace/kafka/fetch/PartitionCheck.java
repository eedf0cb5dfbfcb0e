package io.millrace.kafka.fetch;

import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.Optional;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/**
 * The checks of the partitions of one request: rights, existence, leader epochs, range of offsets.
 * Owned by the fetch node's event loop.
 */
final class PartitionCheck {

    private static final short FIRST_WITH_PREFERRED_REPLICA = 11;
    private static final short FIRST_WITH_TOPIC_IDS = 13;
    private static final short FIRST_WITH_FETCHED_EPOCH = 12;

    private final Metadata metadata;
    private final TopicIds ids;
    private final RequestContext context;
    private final PreferredReplica preferred;
    private final LeaderEpochs epochs;
    private final NamedLeaders leaders;
    private final FetchAnswers answers;
    private String lastReadable = "";

    PartitionCheck(
            Metadata metadata,
            TopicIds ids,
            RequestContext context,
            PreferredReplica preferred,
            NamedLeaders leaders,
            FetchAnswers answers) {
        this.metadata = metadata;
        this.ids = ids;
        this.context = context;
        this.preferred = preferred;
        this.leaders = leaders;
        this.epochs = new LeaderEpochs((int) metadata.generation());
        this.answers = answers;
    }

    /**
     * @param elsewhere whether other nodes serve the partition instead of this one
     */
    PartitionState check(SessionPartition wanted, boolean elsewhere) {
        Optional<Topic> topic = topicOf(wanted.key);
        if (topic.isEmpty()) {
            return unknownTopic(wanted);
        }
        String name = topic.get().name();
        int partition = wanted.key.partition();
        if (!mayRead(name)) {
            return answered(wanted, Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        Optional<PartitionLog> log = metadata.view().partition(topic.get().id(), partition);
        if (log.isEmpty()) {
            return denied(wanted, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
        Errors fenced = epochs.problem(wanted.currentLeaderEpoch());
        if (fenced != Errors.NONE) {
            return fenced == Errors.FENCED_LEADER_EPOCH
                    ? refused(wanted, fenced, name)
                    : answered(wanted, fenced);
        }
        if (elsewhere) {
            return refused(wanted, Errors.NOT_LEADER_OR_FOLLOWER, name);
        }
        if (context.version() >= FIRST_WITH_PREFERRED_REPLICA) {
            Optional<Integer> replica = preferred.of(name, partition);
            if (replica.isPresent()) {
                return new PartitionState.Answered(
                        answers.values(wanted, log.get()).setPreferredReadReplica(replica.get()));
            }
        }
        if (wanted.lastFetchedEpoch() >= 0 && context.version() >= FIRST_WITH_FETCHED_EPOCH) {
            LeaderEpochs.EpochEnd end = epochs.endOf(log.get(), wanted.lastFetchedEpoch());
            if (end.epoch() == LeaderEpochs.NONE) {
                return answered(wanted, Errors.OFFSET_OUT_OF_RANGE);
            }
            if (end.epoch() < wanted.lastFetchedEpoch() || end.endOffset() < wanted.offset()) {
                PartitionData diverging = answers.values(wanted, log.get());
                diverging.setDivergingEpoch(
                        new EpochEndOffset().setEpoch(end.epoch()).setEndOffset(end.endOffset()));
                return new PartitionState.Answered(diverging);
            }
        }
        return inRange(wanted, topic.get(), log.get());
    }

    private PartitionState inRange(SessionPartition wanted, Topic topic, PartitionLog log) {
        if (wanted.offset() < log.logStartOffset() || wanted.offset() > log.highWatermark()) {
            return denied(wanted, Errors.OFFSET_OUT_OF_RANGE);
        }
        if (wanted.offset() < log.highWatermark()) {
            return new PartitionState.Readable(topic, log);
        }
        return wanted.isNews(log.highWatermark(), log.logStartOffset())
                ? new PartitionState.News(topic, log)
                : new PartitionState.Idle(topic);
    }

    private Optional<Topic> topicOf(PartitionKey key) {
        return key.topic().isEmpty()
                ? ids.find(metadata.topics(), key.topicId())
                : metadata.topics().named(key.topic());
    }

    private PartitionState unknownTopic(SessionPartition wanted) {
        String name = wanted.key.topic();
        if (name.isEmpty()) {
            boolean named = context.version() < FIRST_WITH_TOPIC_IDS;
            return denied(
                    wanted, named ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.UNKNOWN_TOPIC_ID);
        }
        return mayRead(name)
                ? denied(wanted, Errors.UNKNOWN_TOPIC_OR_PARTITION)
                : answered(wanted, Errors.TOPIC_AUTHORIZATION_FAILED);
    }

    private boolean mayRead(String topic) {
        if (topic.equals(lastReadable)) {
            return true;
        }
        boolean allowed = context.authorize(Operation.READ, ResourceType.TOPIC, topic);
        if (allowed) {
            lastReadable = topic;
        }
        return allowed;
    }

    private PartitionState answered(SessionPartition wanted, Errors error) {
        return new PartitionState.Answered(answers.failed(wanted, error));
    }

    private PartitionState refused(SessionPartition wanted, Errors error, String topic) {
        return new PartitionState.Answered(leaders.name(answers.failed(wanted, error), topic));
    }

    private PartitionState denied(SessionPartition wanted, Errors error) {
        return new PartitionState.Denied(answers.failed(wanted, error));
    }
}
