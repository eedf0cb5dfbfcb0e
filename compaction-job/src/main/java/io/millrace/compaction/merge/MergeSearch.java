package io.millrace.compaction.merge;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.rewrite.MergePlan;
import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.ObjectsView.ExtentSearch;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Plans segments for the live extents of a merge's inputs. Examines a limited number of partitions
 * per task. Owned by the metadata's event loop.
 */
final class MergeSearch {

    private static final int PARTITIONS_PER_TASK = 2_000;

    private final Metadata metadata;
    private final MergeSettings settings;
    private final ExtentSearch search;
    private final Topics topics;
    private final ArrayDeque<Topic> unseen;
    private final Map<RetentionClass, List<MergeRange>> found = new LinkedHashMap<>();
    private final CompletableFuture<List<List<PlannedSegment>>> result = new CompletableFuture<>();
    private int partition;

    MergeSearch(Metadata metadata, List<StoredObject> inputs, MergeSettings settings) {
        this.metadata = metadata;
        this.settings = settings;
        Set<ObjectId> ids =
                inputs.stream().map(input -> input.object().id()).collect(Collectors.toSet());
        search = metadata.objects().search(ids);
        topics = metadata.topics();
        unseen = new ArrayDeque<>(topics.allById());
    }

    /** Completes on the event loop with the segments of each retention class. */
    CompletableFuture<List<List<PlannedSegment>>> run() {
        proceed();
        return result;
    }

    private void proceed() {
        try {
            collect();
        } catch (Throwable failure) {
            result.completeExceptionally(failure);
        }
    }

    private void collect() {
        int left = PARTITIONS_PER_TASK;
        while (left > 0 && !unseen.isEmpty()) {
            Topic topic = unseen.getFirst();
            while (left > 0 && partition < topic.partitionCount()) {
                List<MergeRange> ranges =
                        MergeRange.of(
                                topic.id(), partition, search.extentsOf(topic.id(), partition));
                if (!ranges.isEmpty()) {
                    found.computeIfAbsent(
                                    RetentionClass.of(topics, topic.id()),
                                    none -> new ArrayList<>())
                            .addAll(ranges);
                }
                partition++;
                left--;
            }
            if (partition == topic.partitionCount()) {
                unseen.removeFirst();
                partition = 0;
            }
        }
        if (!unseen.isEmpty()) {
            metadata.loop().execute(this::proceed);
            return;
        }
        plan();
    }

    private void plan() {
        List<List<PlannedSegment>> segments = new ArrayList<>();
        for (List<MergeRange> ranges : found.values()) {
            segments.add(new MergePlan(settings.segmentBytes()).segments(ranges));
        }
        result.complete(segments);
    }
}
