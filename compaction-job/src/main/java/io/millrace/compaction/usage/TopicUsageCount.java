package io.millrace.compaction.usage;

import io.millrace.compaction.usage.StoredUsage.TopicUsage;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.ObjectsView.ObjectCount;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Counts the usage of all topics in slices. Owned by the metadata's event loop. Used once. */
final class TopicUsageCount {

    private static final int PARTITIONS_PER_TASK = 5_000;

    private record Counted(Topic topic, long liveBytes) {}

    private final Metadata metadata;
    private final ObjectCount objects;
    private final Iterator<Topic> uncounted;
    private final List<Counted> counted = new ArrayList<>();
    private final CompletableFuture<List<TopicUsage>> result = new CompletableFuture<>();
    private @Nullable Topic current;
    private int partition;
    private long liveBytes;

    TopicUsageCount(Metadata metadata) {
        this.metadata = metadata;
        this.objects = metadata.objects().countObjects();
        this.uncounted = metadata.topics().all().iterator();
    }

    /** Completes on the event loop with the usage of each topic, by name. */
    CompletableFuture<List<TopicUsage>> run() {
        proceed();
        return result;
    }

    private void proceed() {
        try {
            if (countSlice()) {
                result.complete(usage());
            } else {
                metadata.loop().execute(this::proceed);
            }
        } catch (RuntimeException failure) {
            result.completeExceptionally(failure);
        }
    }

    private boolean countSlice() {
        for (int left = PARTITIONS_PER_TASK; left > 0; left--) {
            Topic topic = current;
            if (topic != null && partition < topic.partitionCount()) {
                objects.add(topic.id(), partition);
                liveBytes +=
                        metadata.view()
                                .partition(topic.id(), partition)
                                .map(PartitionLog::sizeBytes)
                                .orElse(0L);
                partition++;
            } else {
                if (topic != null) {
                    counted.add(new Counted(topic, liveBytes));
                }
                if (!uncounted.hasNext()) {
                    return true;
                }
                current = uncounted.next();
                partition = 0;
                liveBytes = 0;
            }
        }
        return false;
    }

    private List<TopicUsage> usage() {
        Map<Long, Long> objectCounts = objects.byTopic();
        return counted.stream()
                .map(each ->
                        new TopicUsage(
                                each.topic().name(),
                                objectCounts.getOrDefault(each.topic().id(), 0L),
                                each.liveBytes()))
                .toList();
    }
}
