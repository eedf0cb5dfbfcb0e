package io.millrace.client.record;

import com.google.protobuf.ByteString;
import io.millrace.client.FakeCoordinator;
import io.millrace.client.producer.ProduceResult;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.OffsetAnswer;
import io.millrace.protocol.v1.OffsetQuery;
import io.millrace.protocol.v1.PartitionDescription;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.Topic;
import io.millrace.protocol.v1.TopicSetting;
import io.millrace.protocol.v1.TrimmedPartition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/** The data of the fake server: topics, batches and producer states. Thread-safe. */
public final class FakeLog {

    /** The last batches of a producer in a partition. */
    private static final class Sequences {
        int next;
        final SequencedMap<Integer, Long> offsets = new LinkedHashMap<>();
    }

    private static final class Partition {
        final NavigableMap<Long, byte[]> batches = new TreeMap<>();
        final Map<Long, Sequences> producers = new HashMap<>();
        long start;
        long end;
        long bytes;
    }

    /** A fetch that waits for data. */
    private record Waiting(FetchRequest request, Runnable reply) {}

    private final NavigableMap<String, Topic> topics = new TreeMap<>();
    private final Map<String, List<Partition>> data = new HashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Runnable> appended = new java.util.concurrent.CopyOnWriteArrayList<>();
    private final FakeCoordinator coordinator = new FakeCoordinator(this);
    private long nextId = 1;

    /** Returns the group shared by all nodes with this log. */
    public FakeCoordinator coordinator() {
        return coordinator;
    }

    /** Registers a callback that runs after each append. */
    public void whenAppended(Runnable listener) {
        appended.add(listener);
    }

    public synchronized Topic create(String name, int partitions, Map<String, String> config) {
        if (topics.containsKey(name)) {
            throw problem(Reason.TOPIC_EXISTS, "Topic " + name + " exists.");
        }
        Topic topic =
                Topic.newBuilder()
                        .setName(name)
                        .setId(nextId++)
                        .setPartitionCount(partitions)
                        .putAllConfig(config)
                        .build();
        topics.put(name, topic);
        data.put(name, new ArrayList<>());
        return grow(name, partitions);
    }

    public synchronized Topic grow(String name, int partitions) {
        Topic grown = topic(name).toBuilder().setPartitionCount(partitions).build();
        topics.put(name, grown);
        List<Partition> parts = partitionsOf(name);
        while (parts.size() < partitions) {
            parts.add(new Partition());
        }
        return grown;
    }

    public synchronized Topic configure(String name, Map<String, String> set, List<String> reset) {
        Topic.Builder topic = topic(name).toBuilder();
        for (String key : set.keySet()) {
            if (!key.startsWith("retention.")) {
                throw problem(Reason.INVALID_CONFIG, "There is no topic setting " + key + ".");
            }
        }
        reset.forEach(topic::removeConfig);
        Topic configured = topic.putAllConfig(set).build();
        topics.put(name, configured);
        return configured;
    }

    public synchronized void delete(String name) {
        topic(name);
        topics.remove(name);
        data.remove(name);
    }

    public synchronized List<Topic> topics() {
        return List.copyOf(topics.values());
    }

    public synchronized DescribeTopicResponse describe(String name) {
        DescribeTopicResponse.Builder response =
                DescribeTopicResponse.newBuilder().setTopic(topic(name));
        int number = 0;
        for (Partition each : partitionsOf(name)) {
            response.addPartitions(
                    PartitionDescription.newBuilder()
                            .setPartition(number++)
                            .setLogStartOffset(each.start)
                            .setHighWatermark(each.end)
                            .setSizeBytes(each.bytes));
        }
        Map<String, String> config = topic(name).getConfigMap();
        return response.addSettings(
                        TopicSetting.newBuilder()
                                .setKey("retention.ms")
                                .setValue(config.getOrDefault("retention.ms", "604800000"))
                                .setOverridden(config.containsKey("retention.ms"))
                                .setDefaultValue("604800000")
                                .setUnit("ms")
                                .setAllowedValues("a whole number from -1")
                                .setDescription("How long records are kept; -1 for ever"))
                .build();
    }

    public synchronized long newProducer() {
        return nextId++;
    }

    /** Returns the id of a producer whose next sequence in a partition is the given one. */
    public synchronized long producerAt(String topic, int partition, int nextSequence) {
        Sequences sequences = new Sequences();
        sequences.next = nextSequence;
        long id = newProducer();
        partitionsOf(topic).get(partition).producers.put(id, sequences);
        return id;
    }

    /** Drops all producer states, as the server does after days of inactivity. */
    public synchronized void forgetProducers() {
        data.values().forEach(parts -> parts.forEach(each -> each.producers.clear()));
    }

    /** Drops the records before an offset, which must be a batch's base offset. */
    public synchronized void cutBefore(String topic, int partition, long offset) {
        Partition part = partitionsOf(topic).get(partition);
        part.batches.headMap(offset, false).clear();
        part.start = offset;
    }

    public synchronized TrimmedPartition trim(String topic, int partition, long offset) {
        Partition part = partitionsOf(topic).get(partition);
        TrimmedPartition.Builder answer = TrimmedPartition.newBuilder().setPartition(partition);
        if (offset > part.end) {
            return answer.setLogStartOffset(-1)
                    .setError(
                            new Problem(
                                            Reason.OFFSET_OUT_OF_RANGE,
                                            "offset " + offset + " is behind the end")
                                    .toStatus())
                    .build();
        }
        if (offset > part.start) {
            cutBefore(topic, partition, offset);
        }
        return answer.setLogStartOffset(part.start).build();
    }

    /** Returns all batches of a partition, consecutively. */
    public synchronized MemoryRecords all(String topic, int partition) {
        Partition part = partitionsOf(topic).get(partition);
        int size = part.batches.values().stream().mapToInt(batch -> batch.length).sum();
        ByteBuffer buffer = ByteBuffer.allocate(size);
        part.batches.values().forEach(buffer::put);
        return MemoryRecords.readableRecords(buffer.flip());
    }

    public ProduceAck append(ProduceRequest request) {
        List<Waiting> ready;
        ProduceAck ack;
        synchronized (this) {
            byte[] bytes = request.hasBatch() ? request.getBatch().toByteArray() : packed(request);
            ack = store(request, bytes);
            ready = waiting.stream().filter(each -> readable(each.request())).toList();
            waiting.removeAll(ready);
        }
        ready.forEach(each -> each.reply().run());
        appended.forEach(Runnable::run);
        return ack;
    }

    private ProduceAck store(ProduceRequest request, byte[] bytes) {
        Partition part = partition(request.getTopic(), request.getPartition());
        String limit = topic(request.getTopic()).getConfigOrDefault("max.message.bytes", "1048588");
        if (bytes.length > Integer.parseInt(limit)) {
            throw problem(Reason.TOO_LARGE, "max.message.bytes allows " + limit + ".");
        }
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().iterator().next();
        batch.ensureValid();
        Integer count = batch.countOrNull();
        if (count == null || count != batch.lastOffset() - batch.baseOffset() + 1) {
            throw problem(Reason.RECORD_COUNT_MISMATCH, "The counts contradict each other.");
        }
        if (batch.producerId() >= 0) {
            Long before = duplicate(part, batch, count);
            if (before != null) {
                return ProduceAck.newBuilder().setBaseOffset(before).setDuplicate(true).build();
            }
        }
        long base = part.end;
        batch.setLastOffset(base + count - 1);
        part.batches.put(base, bytes);
        part.end += count;
        part.bytes += bytes.length;
        return ProduceAck.newBuilder().setBaseOffset(base).setAppendTimeMs(1).build();
    }

    private static @org.jspecify.annotations.Nullable Long duplicate(
            Partition part, MutableRecordBatch batch, int count) {
        Sequences seen = part.producers.computeIfAbsent(batch.producerId(), id -> new Sequences());
        int sequence = batch.baseSequence();
        Long before = seen.offsets.get(sequence);
        if (before != null) {
            return before;
        }
        if (sequence != seen.next) {
            boolean old = ((seen.next - sequence) & Integer.MAX_VALUE) < (1 << 30);
            if (old) {
                return ProduceResult.UNKNOWN_OFFSET;
            }
            throw problem(Reason.OUT_OF_ORDER_SEQUENCE, "A batch before this one is missing.");
        }
        seen.offsets.put(sequence, part.end);
        if (seen.offsets.size() > 5) {
            seen.offsets.pollFirstEntry();
        }
        seen.next = (sequence + count) & Integer.MAX_VALUE;
        return null;
    }

    private static byte[] packed(ProduceRequest request) {
        BatchWriter writer = new BatchWriter(1024);
        for (Record record : request.getRecords().getRecordsList()) {
            writer.append(
                    record.hasKey() ? record.getKey().toByteArray() : null,
                    record.hasValue() ? record.getValue().toByteArray() : null,
                    record.getHeadersList().stream().map(FakeLog::header).toList(),
                    record.getTimestampMs());
        }
        writer.seal(CompressionCodec.ZSTD);
        return writer.toByteString().toByteArray();
    }

    private static RecordHeader header(Header header) {
        return new RecordHeader(
                header.getKey(), header.hasValue() ? header.getValue().toByteArray() : null);
    }

    public void whenReadable(FetchRequest request, Runnable reply) {
        synchronized (this) {
            if (request.getMaxWaitMs() > 0 && !readable(request)) {
                waiting.add(new Waiting(request, reply));
                return;
            }
        }
        reply.run();
    }

    private boolean readable(FetchRequest request) {
        for (FetchPartition wanted : request.getPartitionsList()) {
            FetchedPartition part = read(wanted, 1);
            if (part.hasError() || !part.getBatches().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    public synchronized FetchedPartition read(FetchPartition wanted, int maxBytes) {
        FetchedPartition.Builder part =
                FetchedPartition.newBuilder()
                        .setTopic(wanted.getTopic())
                        .setPartition(wanted.getPartition());
        Partition found;
        try {
            found = partition(wanted.getTopic(), wanted.getPartition());
        } catch (ProblemException unknown) {
            return part.setError(unknown.problem().toStatus()).build();
        }
        if (wanted.getOffset() < found.start || wanted.getOffset() > found.end) {
            Map<String, String> range =
                    Map.of(
                            "log_start_offset", Long.toString(found.start),
                            "high_watermark", Long.toString(found.end));
            Problem problem = new Problem(Reason.OFFSET_OUT_OF_RANGE, "Out of range.", range);
            return part.setError(problem.toStatus()).build();
        }
        ByteString bytes = ByteString.EMPTY;
        Long first = found.batches.floorKey(wanted.getOffset());
        if (first != null && wanted.getOffset() < found.end) {
            for (byte[] batch : found.batches.tailMap(first).values()) {
                if (!bytes.isEmpty() && bytes.size() + batch.length > maxBytes) {
                    break;
                }
                bytes = bytes.concat(ByteString.copyFrom(batch));
            }
        }
        return part.setBatches(maxBytes > 0 ? bytes : ByteString.EMPTY)
                .setHighWatermark(found.end)
                .setLogStartOffset(found.start)
                .build();
    }

    public synchronized OffsetAnswer find(OffsetQuery query) {
        Partition part;
        try {
            part = partition(query.getTopic(), query.getPartition());
        } catch (ProblemException unknown) {
            return OffsetAnswer.newBuilder().setError(unknown.problem().toStatus()).build();
        }
        long offset =
                switch (query.getAtCase()) {
                    case EARLIEST -> part.start;
                    case LATEST, AT_NOT_SET -> part.end;
                    case TIMESTAMP_MS -> {
                        long found = part.end;
                        for (var batch : part.batches.values()) {
                            for (var record :
                                    MemoryRecords.readableRecords(ByteBuffer.wrap(batch))
                                            .records()) {
                                if (record.timestamp() >= query.getTimestampMs()) {
                                    found = Math.min(found, record.offset());
                                }
                            }
                        }
                        yield found;
                    }
                };
        return OffsetAnswer.newBuilder().setOffset(offset).setTimestampMs(-1).build();
    }

    private Topic topic(String name) {
        Topic topic = topics.get(name);
        if (topic == null) {
            throw problem(Reason.UNKNOWN_TOPIC, "There is no topic " + name + ".");
        }
        return topic;
    }

    private List<Partition> partitionsOf(String name) {
        topic(name);
        List<Partition> parts = data.get(name);
        if (parts == null) {
            throw new IllegalStateException(name);
        }
        return parts;
    }

    private Partition partition(String topic, int number) {
        List<Partition> parts = partitionsOf(topic);
        if (number >= parts.size()) {
            throw problem(Reason.UNKNOWN_PARTITION, "There is no partition " + number + ".");
        }
        return parts.get(number);
    }

    private static ProblemException problem(Reason reason, String message) {
        return new ProblemException(new Problem(reason, message));
    }
}
