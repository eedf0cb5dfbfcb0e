package io.millrace.kafka.cluster;

import io.millrace.kafka.wire.ArrayEnvelope;
import io.millrace.kafka.wire.ByteBufWritable;
import io.millrace.kafka.wire.StreamedAnswer;
import io.millrace.metadata.topic.Topic;
import io.netty.buffer.ByteBuf;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of one Metadata answer, by the generated classes of single partitions. A first pass
 * over the topics finds the size and the topics that the client may describe, a second one writes
 * them. Owned by the event loop of the connection.
 */
final class MetadataEncoding implements StreamedAnswer.Encoding {

    /** Topics and partitions in a slice at most. */
    static final int SLICE = 1_000;

    /** Bytes at which a slice ends, as failed topics may have long names. */
    private static final int SLICE_BYTES = 64 << 10;

    /** The limit of the decoders of Kafka's clients. */
    private static final int MAX_ELEMENTS = 1_000_000;

    /** Partitions have no fields that are serialized ahead. */
    private static final ObjectSerializationCache NO_CACHE = new ObjectSerializationCache();

    private static final short FIRST_FLEXIBLE = 9;
    private static final short FIRST_WITH_OPERATIONS = 8;
    private static final short LAST_WITH_CLUSTER_OPERATIONS = 10;
    private static final short FIRST_WITH_ERROR = 13;

    private final MetadataAnswer answer;
    private final short version;
    private final boolean flexible;
    private final int leaderEpoch;
    private final ArrayEnvelope cluster;
    private final int partitionBytes;
    private final BitSet visible = new BitSet();
    private Iterator<TopicEntry> topics;
    private int position;
    private int count;
    private long sizeBytes;
    private boolean begun;
    private @Nullable OpenTopic current;
    private int nextPartition;

    /** A topic whose partitions are being written. */
    private record OpenTopic(Topic topic, ArrayEnvelope envelope) {}

    /**
     * @param leaderEpoch the generation of the cluster
     */
    MetadataEncoding(MetadataAnswer answer, short version, int leaderEpoch) {
        this.answer = answer;
        this.version = version;
        this.flexible = version >= FIRST_FLEXIBLE;
        this.leaderEpoch = leaderEpoch;
        this.cluster =
                new ArrayEnvelope(answer.cluster(), version, flexible, bytesAfterTopics(version));
        // All partitions have as many replicas, so that one size is that of all.
        LeaderPlacement.Place place =
                new LeaderPlacement.Place(0, Collections.nCopies(answer.placement().replicas(), 0));
        this.partitionBytes =
                PartitionAnswers.of(0, place, 0).size(new ObjectSerializationCache(), version);
        this.topics = topics();
    }

    private static int bytesAfterTopics(short version) {
        boolean operations =
                version >= FIRST_WITH_OPERATIONS && version <= LAST_WITH_CLUSTER_OPERATIONS;
        return (operations ? Integer.BYTES : 0)
                + (version >= FIRST_WITH_ERROR ? Short.BYTES : 0)
                + (version >= FIRST_FLEXIBLE ? Byte.BYTES : 0);
    }

    private static int bytesAfterPartitions(short version) {
        return (version >= FIRST_WITH_OPERATIONS ? Integer.BYTES : 0)
                + (version >= FIRST_FLEXIBLE ? Byte.BYTES : 0);
    }

    private Iterator<TopicEntry> topics() {
        Iterator<TopicEntry> added = answer.added().iterator();
        Iterator<Topic> all = answer.all().all().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return added.hasNext() || all.hasNext();
            }

            @Override
            public TopicEntry next() {
                return added.hasNext() ? added.next() : new TopicEntry.Described(all.next());
            }
        };
    }

    @Override
    public boolean measure() {
        for (int i = 0; i < SLICE; i++) {
            if (!topics.hasNext()) {
                sizeBytes += cluster.sizeBytes(count);
                topics = topics();
                position = 0;
                return true;
            }
            measure(topics.next());
        }
        return false;
    }

    private void measure(TopicEntry topic) {
        boolean shown =
                position < answer.added().size()
                        || topic instanceof TopicEntry.Described(Topic found)
                                && answer.mayDescribe(found);
        if (shown) {
            if (++count > MAX_ELEMENTS) {
                throw new IllegalStateException(
                        "Kafka clients decode at most %,d topics. Request them by name, or page by page with DescribeTopicPartitions."
                                .formatted(MAX_ELEMENTS));
            }
            visible.set(position);
            int partitions = partitionsOf(topic);
            sizeBytes += envelope(topic).sizeBytes(partitions) + (long) partitions * partitionBytes;
        }
        position++;
    }

    private static int partitionsOf(TopicEntry topic) {
        return topic instanceof TopicEntry.Described(Topic found) ? found.partitionCount() : 0;
    }

    private ArrayEnvelope envelope(TopicEntry topic) {
        MetadataResponseTopic message = answer.topic(topic);
        return new ArrayEnvelope(message, version, flexible, bytesAfterPartitions(version));
    }

    @Override
    public int sizeBytes() {
        return Math.toIntExact(sizeBytes);
    }

    @Override
    public void write(ByteBuf out) {
        if (!begun) {
            begun = true;
            cluster.writeBefore(out, count);
        }
        int end = out.writerIndex() + SLICE_BYTES;
        for (int i = 0; i < SLICE && out.writerIndex() < end; i++) {
            OpenTopic open = current;
            if (open != null) {
                writePartition(out, open);
            } else if (skipToVisible()) {
                position++;
                writeTopic(out, topics.next());
            } else {
                cluster.writeAfter(out);
                return;
            }
        }
    }

    /**
     * Skips topics that are not in the answer, which costs little and must not leave a slice
     * without bytes. Returns whether there is a further topic.
     */
    private boolean skipToVisible() {
        int next = visible.nextSetBit(position);
        for (; position < next; position++) {
            topics.next();
        }
        return next >= 0;
    }

    private void writeTopic(ByteBuf out, TopicEntry topic) {
        ArrayEnvelope envelope = envelope(topic);
        envelope.writeBefore(out, partitionsOf(topic));
        if (topic instanceof TopicEntry.Described(Topic found) && found.partitionCount() > 0) {
            current = new OpenTopic(found, envelope);
            nextPartition = 0;
        } else {
            envelope.writeAfter(out);
        }
    }

    private void writePartition(ByteBuf out, OpenTopic open) {
        LeaderPlacement.Place place = answer.placement().of(open.topic().name(), nextPartition);
        PartitionAnswers.of(nextPartition, place, leaderEpoch)
                .write(new ByteBufWritable(out), NO_CACHE, version);
        if (++nextPartition == open.topic().partitionCount()) {
            open.envelope().writeAfter(out);
            current = null;
        }
    }
}
