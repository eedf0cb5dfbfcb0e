package io.millrace.benchmarks;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.ProducersView;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A metadata service with one topic {@code t} that accepts every block at once. */
final class InstantMetadata implements Metadata {

    private static final Outcome.ItemOutcome APPENDED = new Outcome.ItemOutcome.Appended(0);

    private static final Groups NO_GROUPS =
            new Groups() {
                @Override
                public Optional<Group> group(String id) {
                    return Optional.empty();
                }

                @Override
                public List<String> ids() {
                    return List.of();
                }

                @Override
                public List<String> idsAfter(String id, int max) {
                    return List.of();
                }

                @Override
                public boolean coordinates(long incarnation) {
                    return false;
                }
            };

    private final EventLoop loop;
    private final Topics topics;

    InstantMetadata(EventLoop loop, int partitions) {
        this.loop = loop;
        this.topics = Topics.of(List.of(new Topic(1, "t", partitions, TopicSettings.DEFAULTS)));
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public Acls acls() {
        return Acls.NONE;
    }

    @Override
    public Quotas quotas() {
        return Quotas.NONE;
    }

    @Override
    public ScramCredentials scramCredentials() {
        return ScramCredentials.NONE;
    }

    @Override
    public NodeNumbers nodeNumbers() {
        return NodeNumbers.NONE;
    }

    @Override
    public MetadataView view() {
        throw new UnsupportedOperationException("the write path does not read extents");
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Priority lane) {
        int items = command instanceof Command.BlockCommitted block ? block.items().size() : 0;
        return CompletableFuture.completedFuture(
                new Proposal.Applied(
                        new Outcome.Block(Collections.nCopies(items, APPENDED)), loop.nanoTime()));
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        return CompletableFuture.completedFuture(LogManifest.EMPTY);
    }

    @Override
    public CompletableFuture<Void> barrier() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public int featureLevel() {
        return FeatureLevels.ALL.newest();
    }

    @Override
    public ObjectsView objects() {
        throw new UnsupportedOperationException("no compaction here");
    }

    @Override
    public ProducersView producers() {
        return (topicId, partition, max) -> List.of();
    }

    @Override
    public Groups groups() {
        return NO_GROUPS;
    }

    @Override
    public void addListener(GroupListener listener) {}

    @Override
    public void addListener(PartitionListener listener) {}

    @Override
    public long generation() {
        return 1;
    }

    @Override
    public long incarnation() {
        return 1;
    }
}
