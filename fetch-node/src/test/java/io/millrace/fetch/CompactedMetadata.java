package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ProducersView;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.stream.ObjectRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The production metadata as retention and compaction would leave them, with trimmed partitions and
 * replaced objects. Counts calls. Owned by its delegate's event loop.
 */
final class CompactedMetadata implements Metadata {

    private final Metadata delegate;
    private final Map<PartitionId, Long> logStarts = new HashMap<>();
    private final Map<ObjectRef, ObjectRef> replaced = new HashMap<>();
    private final Map<ObjectRef, ObjectRef> silentOf = new HashMap<>();
    private int barriers;
    private int extentLists;

    CompactedMetadata(Metadata delegate) {
        this.delegate = delegate;
    }

    /** Sets the log start of a partition. */
    void trim(long topicId, int partition, long logStartOffset) {
        logStarts.put(new PartitionId(topicId, partition), logStartOffset);
    }

    /**
     * Replaces an object by another with the same bytes. This copy sees the change at its next
     * barrier.
     */
    void replace(ObjectRef old, ObjectRef by) {
        silentOf.put(old, by);
    }

    /** Returns the number of barriers requested. */
    int barriers() {
        return barriers;
    }

    /** Returns the number of calls for extents. */
    int extentLists() {
        return extentLists;
    }

    @Override
    public EventLoop loop() {
        return delegate.loop();
    }

    @Override
    public Topics topics() {
        return delegate.topics();
    }

    @Override
    public Acls acls() {
        return delegate.acls();
    }

    @Override
    public Quotas quotas() {
        return delegate.quotas();
    }

    @Override
    public ScramCredentials scramCredentials() {
        return delegate.scramCredentials();
    }

    @Override
    public NodeNumbers nodeNumbers() {
        return delegate.nodeNumbers();
    }

    @Override
    public MetadataView view() {
        return (topicId, partition) ->
                delegate.view()
                        .partition(topicId, partition)
                        .map(log -> new TidiedLog(log, new PartitionId(topicId, partition)));
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Priority lane) {
        return delegate.propose(command, lane);
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        return delegate.manifest();
    }

    @Override
    public CompletableFuture<Void> barrier() {
        barriers++;
        return delegate.barrier().thenRun(() -> replaced.putAll(silentOf));
    }

    @Override
    public int featureLevel() {
        return delegate.featureLevel();
    }

    @Override
    public ObjectsView objects() {
        return delegate.objects();
    }

    @Override
    public ProducersView producers() {
        return delegate.producers();
    }

    @Override
    public Groups groups() {
        return delegate.groups();
    }

    @Override
    public void addListener(GroupListener listener) {
        delegate.addListener(listener);
    }

    @Override
    public void addListener(PartitionListener listener) {
        delegate.addListener(listener);
    }

    @Override
    public long generation() {
        return delegate.generation();
    }

    @Override
    public long incarnation() {
        return delegate.incarnation();
    }

    private final class TidiedLog implements PartitionLog {

        private final PartitionLog whole;
        private final PartitionId key;

        TidiedLog(PartitionLog whole, PartitionId key) {
            this.whole = whole;
            this.key = key;
        }

        @Override
        public long logStartOffset() {
            return Objects.requireNonNullElse(logStarts.get(key), whole.logStartOffset());
        }

        @Override
        public long highWatermark() {
            return whole.highWatermark();
        }

        @Override
        public int generationAt(long offset) {
            return whole.generationAt(offset);
        }

        @Override
        public GenerationEnd endOfGeneration(int generation) {
            return whole.endOfGeneration(generation);
        }

        @Override
        public long sizeBytes() {
            return FetchPlan.bytes(whole.extents(logStartOffset(), Long.MAX_VALUE));
        }

        @Override
        public List<Extent> extents(long offset, long maxBytes) {
            extentLists++;
            return offset < logStartOffset()
                    ? List.of()
                    : whole.extents(offset, maxBytes).stream().map(this::tidied).toList();
        }

        @Override
        public long startRetainedSince(long timeMs) {
            throw new UnsupportedOperationException("nobody asks for retention here");
        }

        @Override
        public long startRetainedWithin(long bytes) {
            throw new UnsupportedOperationException("nobody asks for retention here");
        }

        @Override
        public Optional<Extent> extentAtTime(long timestampMs) {
            long inMemory = whole.lastOffloadedRange().map(OffloadedRange::endOffset).orElse(0L);
            return whole.extents(Math.max(inMemory, logStartOffset()), Long.MAX_VALUE).stream()
                    .filter(extent -> extent.maxTimestampMs() >= timestampMs)
                    .findFirst()
                    .map(this::tidied);
        }

        @Override
        public OptionalLong maxTimestampMs() {
            return whole.maxTimestampMs();
        }

        @Override
        public Optional<OffloadedRange> offloadedRangeAt(long offset) {
            return whole.offloadedRangeAt(offset);
        }

        @Override
        public Optional<OffloadedRange> offloadedRangeAtTime(long timestampMs) {
            return whole.offloadedRangeAtTime(timestampMs);
        }

        @Override
        public Optional<OffloadedRange> lastOffloadedRange() {
            return whole.lastOffloadedRange();
        }

        @Override
        public Optional<List<Extent>> extents(OffloadedRange row, byte[] content) {
            return whole.extents(row, content)
                    .map(extents -> extents.stream().map(this::tidied).toList());
        }

        @Override
        public int extentsInMemory() {
            return whole.extentsInMemory();
        }

        @Override
        public int totalExtents() {
            return whole.totalExtents();
        }

        @Override
        public List<OffloadCandidate> offloadCandidates(
                int keep,
                int min,
                int max,
                int passedBy,
                Function<StoredObject, MergeState> motion) {
            return whole.offloadCandidates(keep, min, max, passedBy, motion);
        }

        private Extent tidied(Extent extent) {
            return new Extent(
                    extent.baseOffset(),
                    extent.offsetCount(),
                    replaced.getOrDefault(extent.object(), extent.object()),
                    extent.position(),
                    extent.length(),
                    extent.maxTimestampMs());
        }
    }
}
