package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.loop.SimulatedLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Metadata that a test writes by hand: extents as any node's entries might have left them, and
 * entries that this copy has not applied before a barrier.
 */
final class ScriptedMetadata implements Metadata {

    private final SimulatedLoop loop;
    private final Map<String, Topic> topics = new TreeMap<>();
    private final Map<PartitionKey, Log> logs = new HashMap<>();
    private final List<PartitionListener> listeners = new ArrayList<>();
    private final List<Runnable> lagging = new ArrayList<>();
    private long nextTopicId = 1;
    int barriers;
    int extentLists;
    Optional<RuntimeException> barrierFailure = Optional.empty();

    ScriptedMetadata(SimulatedLoop loop) {
        this.loop = loop;
    }

    Topic createTopic(String name, int partitions) {
        Topic topic = new Topic(nextTopicId++, name, partitions, TopicSettings.DEFAULTS);
        topics.put(name, topic);
        for (int i = 0; i < partitions; i++) {
            logs.put(new PartitionKey(topic.id(), i), new Log());
        }
        return topic;
    }

    void deleteTopic(String name) {
        Topic gone = Objects.requireNonNull(topics.remove(name));
        for (int i = 0; i < gone.partitionCount(); i++) {
            logs.remove(new PartitionKey(gone.id(), i));
            changed(gone.id(), i);
        }
    }

    /** Something that this copy hears of only through a barrier. */
    void lag(Runnable entry) {
        lagging.add(entry);
    }

    Log log(long topicId, int partition) {
        return Objects.requireNonNull(logs.get(new PartitionKey(topicId, partition)));
    }

    void changed(long topicId, int partition) {
        listeners.forEach(listener -> listener.changed(topicId, partition));
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public Topics topics() {
        return new Topics(topics);
    }

    @Override
    public MetadataView view() {
        return (topicId, partition) ->
                Optional.ofNullable(logs.get(new PartitionKey(topicId, partition)));
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Lane lane) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> barrier() {
        barriers++;
        CompletableFuture<Void> reached = new CompletableFuture<>();
        loop.execute(() -> {
            if (barrierFailure.isPresent()) {
                reached.completeExceptionally(barrierFailure.get());
                return;
            }
            lagging.forEach(Runnable::run);
            lagging.clear();
            reached.complete(null);
        });
        return reached;
    }

    @Override
    public void addListener(PartitionListener listener) {
        listeners.add(listener);
    }

    @Override
    public long incarnation() {
        return 1;
    }

    /** The log of a partition. */
    final class Log implements PartitionLog {

        final List<Extent> extents = new ArrayList<>();
        long logStart;

        @Override
        public long logStartOffset() {
            return logStart;
        }

        @Override
        public long highWatermark() {
            return extents.isEmpty() ? 0 : extents.getLast().endOffset();
        }

        @Override
        public long sizeBytes() {
            return FetchPlan.bytes(extents);
        }

        @Override
        public List<Extent> extents(long offset, long maxBytes) {
            extentLists++;
            List<Extent> found = new ArrayList<>();
            long bytes = 0;
            for (Extent extent : extents) {
                if (extent.endOffset() > offset && (found.isEmpty() || bytes < maxBytes)) {
                    found.add(extent);
                    bytes += extent.length();
                }
            }
            return found;
        }

        @Override
        public Optional<Extent> extentAt(long timestampMs) {
            return extents.stream().filter(e -> e.maxTimestampMs() >= timestampMs).findFirst();
        }
    }
}
