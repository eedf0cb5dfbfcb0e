package io.millrace.ingest;

import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.loop.SimulatedLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Metadata in virtual time that orders blocks as they come, and remembers the last batch of each
 * idempotent producer. The test says what becomes of proposals.
 */
final class FakeMetadata implements Metadata {

    /** How long an append takes. */
    static final Duration APPEND = Duration.ofMillis(2);

    /** From durable to applied. */
    static final Duration APPLY = Duration.ofMillis(1);

    /** A partition. */
    record Place(long topicId, int partition) {}

    private record Writer(long producerId, Place place) {}

    private record Last(int nextSequence, long baseOffset, long appendTimeMs) {}

    final Map<Place, List<Extent>> extents = new HashMap<>();
    final List<Command> applied = new ArrayList<>();
    final ArrayDeque<Function<Command, Proposal>> answers = new ArrayDeque<>();
    int barriers;
    private final SimulatedLoop loop;
    private final Map<String, Topic> byName = new HashMap<>();
    private final Map<Writer, Last> writers = new HashMap<>();
    private Runnable onBarrier = () -> {};
    private Topics topics = Topics.NONE;
    private long nextProducerId = 7;

    FakeMetadata(SimulatedLoop loop) {
        this.loop = loop;
    }

    void create(String name, int partitions, Map<String, String> config) {
        byName.put(
                name, new Topic(byName.size() + 1L, name, partitions, TopicSettings.parse(config)));
        topics = new Topics(byName);
    }

    void delete(String name) {
        byName.remove(name);
        topics = new Topics(byName);
    }

    /** What the log held that this node had not applied yet. */
    void beforeBarrierEnds(Runnable change) {
        onBarrier = change;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public MetadataView view() {
        throw new UnsupportedOperationException("the write path does not read extents");
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Lane lane) {
        CompletableFuture<Proposal> done = new CompletableFuture<>();
        Function<Command, Proposal> answer = answers.isEmpty() ? null : answers.remove();
        loop.schedule(
                APPEND,
                () -> {
                    long durable = loop.nanoTime();
                    loop.schedule(
                            APPLY,
                            () ->
                                    done.complete(
                                            answer != null
                                                    ? answer.apply(command)
                                                    : new Proposal.Applied(
                                                            apply(command), durable)));
                });
        return done;
    }

    Outcome apply(Command command) {
        applied.add(command);
        return switch (command) {
            case Command.BlockCommitted block ->
                    new Outcome.Block(
                            block.items().stream().map(item -> append(block, item)).toList());
            case Command.ProducerIdsAllocated(var count) -> {
                long first = nextProducerId;
                nextProducerId += count;
                yield new Outcome.ProducerIds(first, count);
            }
            default -> throw new IllegalStateException("unexpected " + command);
        };
    }

    private Outcome.Item append(Command.BlockCommitted block, BatchItem item) {
        if (topics.withId(item.topicId()).isEmpty()) {
            return new Outcome.Item.Rejected(Reason.UNKNOWN_TOPIC);
        }
        Place place = new Place(item.topicId(), item.partition());
        Writer writer = new Writer(item.producer().producerId(), place);
        List<Extent> log = extents.computeIfAbsent(place, p -> new ArrayList<>());
        long end = log.isEmpty() ? 0 : log.getLast().endOffset();
        if (item.producer().isIdempotent()) {
            int sequence = item.producer().baseSequence();
            Last last = writers.getOrDefault(writer, new Last(0, 0, 0));
            if (sequence + item.offsetCount() == last.nextSequence()) {
                return new Outcome.Item.Duplicate(last.baseOffset(), last.appendTimeMs());
            }
            if (sequence != last.nextSequence()) {
                return new Outcome.Item.Rejected(Reason.OUT_OF_ORDER_SEQUENCE);
            }
            writers.put(writer, new Last(sequence + item.offsetCount(), end, block.appendTimeMs()));
        }
        log.add(
                new Extent(
                        end,
                        item.offsetCount(),
                        block.object(),
                        item.position(),
                        item.length(),
                        item.maxTimestampMs()));
        return new Outcome.Item.Appended(end);
    }

    @Override
    public CompletableFuture<Void> barrier() {
        barriers++;
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.schedule(
                Duration.ofMillis(3),
                () -> {
                    onBarrier.run();
                    done.complete(null);
                });
        return done;
    }

    @Override
    public void addListener(PartitionListener listener) {}

    @Override
    public long incarnation() {
        return 0xabcL;
    }
}
