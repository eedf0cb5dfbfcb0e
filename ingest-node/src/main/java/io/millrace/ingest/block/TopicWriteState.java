package io.millrace.ingest.block;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.batch.BatchLimits;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A node's state of a topic: limits, and the run of each partition in the open block. Owned by the
 * node's event loop.
 */
public final class TopicWriteState {

    private Topic topic;
    private BatchLimits limits;
    private @Nullable PartitionRun[] open;

    /** The number of changes of topics that this state includes; see {@link TopicWriteStates}. */
    long currentAt;

    TopicWriteState(Topic topic) {
        this.topic = topic;
        this.limits = limitsOf(topic.settings());
        this.open = new @Nullable PartitionRun[topic.partitionCount()];
    }

    void update(Topic newer) {
        if (newer != topic) {
            topic = newer;
            limits = limitsOf(newer.settings());
            open = Arrays.copyOf(open, newer.partitionCount());
        }
    }

    public Topic topic() {
        return topic;
    }

    public BatchLimits limits() {
        return limits;
    }

    public boolean has(int partition) {
        return partition >= 0 && partition < open.length;
    }

    @Nullable PartitionRun openRun(int partition) {
        return open[partition];
    }

    void open(PartitionRun run) {
        open[run.partition()] = run;
    }

    void close(int partition) {
        open[partition] = null;
    }

    private static BatchLimits limitsOf(TopicSettings settings) {
        return new BatchLimits(
                settings.maxMessageBytes(),
                settings.logAppendTime() ? Long.MAX_VALUE : settings.timestampAheadMaxMs());
    }
}
