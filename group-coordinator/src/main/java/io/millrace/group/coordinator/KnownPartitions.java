package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.proto.GroupDetails;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The partitions of each topic at the time the group subscribed. Partitions created later contain
 * only records that are new for the group, and a start at the end would skip some. The group's
 * details preserve this for the next coordinator. A part of {@link CoordinatedGroup}.
 */
final class KnownPartitions {

    /**
     * Maximum number of topics, because the details of a group are bounded; further topics are not
     * recorded.
     */
    static final int MAX_TOPICS = 10_000;

    private final SortedMap<Long, Integer> counts = new TreeMap<>();
    private long lastTopicId;

    /**
     * Decodes a group's details; returns an empty instance if the details are empty or of another
     * protocol.
     */
    static KnownPartitions decode(ByteString details) {
        KnownPartitions known = new KnownPartitions();
        try {
            GroupDetails in = GroupDetails.parseFrom(details);
            known.lastTopicId = in.getLastTopicId();
            int topics = Math.min(in.getTopicIdsCount(), in.getPartitionCountsCount());
            for (int i = 0; i < topics; i++) {
                known.counts.put(in.getTopicIds(i), in.getPartitionCounts(i));
            }
            return known;
        } catch (InvalidProtocolBufferException foreign) {
            return new KnownPartitions();
        }
    }

    ByteString encode() {
        return GroupDetails.newBuilder()
                .addAllTopicIds(counts.keySet())
                .addAllPartitionCounts(counts.values())
                .setLastTopicId(lastTopicId)
                .build()
                .toByteString();
    }

    /**
     * Records the topics that the members have found.
     *
     * @param members the members with resolved topics
     * @param of the topics for which the group has leases or commits
     */
    void check(Collection<MemberState> members, Collection<Long> of, Topics topics) {
        Set<Long> still = new HashSet<>(of);
        for (MemberState one : members) {
            for (long topicId : one.topics()) {
                still.add(topicId);
                if (!counts.containsKey(topicId) && counts.size() < MAX_TOPICS) {
                    boolean arrivedLater = topicId > lastTopicId && one.subscriptionUnchanged();
                    int count = topics.withId(topicId).map(Topic::partitionCount).orElse(0);
                    counts.put(topicId, arrivedLater ? 0 : count);
                }
            }
        }
        counts.keySet().retainAll(still);
        lastTopicId = Math.max(lastTopicId, topics.lastId());
    }

    /** Returns whether a partition was created after the group subscribed to the topic. */
    boolean isNew(PartitionId key) {
        return key.partition() >= counts.getOrDefault(key.topicId(), Integer.MAX_VALUE);
    }
}
