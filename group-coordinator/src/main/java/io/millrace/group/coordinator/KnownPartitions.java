package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.proto.GroupDetails;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The number of partitions of each topic when the group subscribed. Partitions created later are
 * read from their start, because a start at the end would skip records. Stored in the group's
 * details for the next coordinator. A part of {@link CoordinatedGroup}.
 */
final class KnownPartitions {

    /** Limits the size of a group's details; further topics are not recorded. */
    static final int MAX_TOPICS = 10_000;

    private final SortedMap<Long, Integer> counts = new TreeMap<>();
    private long lastTopicId;

    /** Returns an empty instance for details of another protocol. */
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
     * @param of the topics for which the group has leases or commits
     */
    void check(Collection<MemberState> members, Collection<Long> of, Topics topics) {
        Set<Long> still = new HashSet<>(of);
        Set<Set<Long>> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        for (MemberState member : members) {
            if (!counted.add(member.topics())) {
                continue;
            }
            for (long topicId : member.topics()) {
                still.add(topicId);
                if (!counts.containsKey(topicId) && counts.size() < MAX_TOPICS) {
                    boolean arrivedLater = topicId > lastTopicId && member.subscriptionUnchanged();
                    int count = topics.withId(topicId).map(Topic::partitionCount).orElse(0);
                    counts.put(topicId, arrivedLater ? 0 : count);
                }
            }
        }
        counts.keySet().retainAll(still);
        lastTopicId = Math.max(lastTopicId, topics.lastId());
    }

    boolean isNew(PartitionId key) {
        return key.partition() >= counts.getOrDefault(key.topicId(), Integer.MAX_VALUE);
    }
}
