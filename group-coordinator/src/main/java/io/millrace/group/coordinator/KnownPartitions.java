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
 * Which partitions a group knew when it began to read their topics. All others came later, so that
 * all records in them are new for the group: it would pass over some if it began at their end. The
 * coordinator after this one finds it in the group's details. A part of {@link CoordinatedGroup}.
 */
final class KnownPartitions {

    /** Of more topics than this it is not remembered: the details of a group are bounded. */
    static final int MAX_TOPICS = 10_000;

    private final SortedMap<Long, Integer> counts = new TreeMap<>();
    private long lastTopicId;

    /** From a group's details; nothing is known if they are empty or of another protocol. */
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

    /** As the group's details. */
    ByteString encode() {
        return GroupDetails.newBuilder()
                .addAllTopicIds(counts.keySet())
                .addAllPartitionCounts(counts.values())
                .setLastTopicId(lastTopicId)
                .build()
                .toByteString();
    }

    /**
     * The members have looked for topics.
     *
     * @param members that know which topics they want
     * @param of topics with leases or commits of the group
     */
    void check(Collection<MemberState> members, Collection<Long> of, Topics topics) {
        Set<Long> still = new HashSet<>(of);
        for (MemberState one : members) {
            for (long topicId : one.topics()) {
                still.add(topicId);
                if (!counts.containsKey(topicId) && counts.size() < MAX_TOPICS) {
                    boolean arrivedLater = topicId > lastTopicId && one.wantsAsBefore();
                    int count = topics.withId(topicId).map(Topic::partitionCount).orElse(0);
                    counts.put(topicId, arrivedLater ? 0 : count);
                }
            }
        }
        counts.keySet().retainAll(still);
        lastTopicId = Math.max(lastTopicId, topics.lastId());
    }

    /** Whether a partition came later than the group. */
    boolean isNew(PartitionId key) {
        return key.partition() >= counts.getOrDefault(key.topicId(), Integer.MAX_VALUE);
    }
}
