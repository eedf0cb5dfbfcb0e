package io.millrace.kafka.group;

import io.millrace.kafka.wire.ByteBufReadable;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.Message;

/**
 * The metadata and assignments of members of type {@value #PROTOCOL_TYPE}, which only clients
 * interpret otherwise. Unreadable bytes, as of other types, have no topics. Pure.
 */
final class ConsumerAssignments {

    static final String PROTOCOL_TYPE = "consumer";

    private static final int MAX_FIELDS = 1_000_000;

    private ConsumerAssignments() {}

    /** Returns the assigned partitions by topic name. */
    static List<ConsumerProtocolAssignment.TopicPartition> partitions(ByteBuffer assignment) {
        return read(assignment, new ConsumerProtocolAssignment())
                .map(read -> List.copyOf(read.assignedPartitions()))
                .orElse(List.of());
    }

    /** Returns the ids of the assigned partitions; unknown topics are left out. */
    static List<PartitionId> resolve(
            List<ConsumerProtocolAssignment.TopicPartition> partitions, Topics topics) {
        List<PartitionId> ids = new ArrayList<>();
        for (ConsumerProtocolAssignment.TopicPartition topic : partitions) {
            Optional<Topic> known = topics.named(topic.topic());
            for (int partition : topic.partitions()) {
                known.filter(found -> partition >= 0 && partition < found.partitionCount())
                        .ifPresent(found -> ids.add(new PartitionId(found.id(), partition)));
            }
        }
        return ids;
    }

    /** Returns the names of the subscribed topics. */
    static Set<String> subscribedTopics(ByteBuffer metadata) {
        return read(metadata, new ConsumerProtocolSubscription())
                .<Set<String>>map(read -> new TreeSet<>(read.topics()))
                .orElse(Set.of());
    }

    private static <T extends Message> Optional<T> read(ByteBuffer bytes, T into) {
        if (bytes.remaining() < Short.BYTES) {
            return Optional.empty();
        }
        short version = bytes.getShort(bytes.position());
        if (version < into.lowestSupportedVersion()) {
            return Optional.empty();
        }
        ByteBuffer body =
                bytes.slice(bytes.position() + Short.BYTES, bytes.remaining() - Short.BYTES);
        try {
            // Later versions only add fields at the end.
            into.read(
                    new ByteBufReadable(Unpooled.wrappedBuffer(body), MAX_FIELDS),
                    (short) Math.min(version, into.highestSupportedVersion()));
            return Optional.of(into);
        } catch (RuntimeException foreign) {
            // The generated classes throw bare RuntimeExceptions for malformed fields.
            return Optional.empty();
        }
    }
}
