package io.millrace.metadata.state;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.state.partition.CondemnedTable;
import io.millrace.metadata.state.partition.ObjectTable;
import io.millrace.metadata.state.partition.PartitionState;
import io.millrace.metadata.state.partition.TopicTable;
import io.millrace.metadata.state.producer.ProducerTable;
import io.millrace.protocol.error.Reason;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Assigns offsets to the batches of committed blocks, or rejects batches. */
final class BlockCommits {

    private static final int NO_OBJECT = -1;
    private static final ItemOutcome UNKNOWN_PARTITION =
            new ItemOutcome.Rejected(Reason.UNKNOWN_PARTITION);
    private static final ItemOutcome UNKNOWN_PRODUCER =
            new ItemOutcome.Rejected(Reason.UNKNOWN_PRODUCER);
    private static final ItemOutcome BAD_POSITION =
            new ItemOutcome.Rejected(Reason.MALFORMED_BATCH);

    private final ObjectTable objects;
    private final TopicTable topics;
    private final ProducerTable producers;
    private final CondemnedTable condemned;
    private final Digest digest;
    private final Consumer<PartitionState> changed;
    private final UnaryOperator<Reason> inForce;

    BlockCommits(
            ObjectTable objects,
            TopicTable topics,
            ProducerTable producers,
            CondemnedTable condemned,
            Digest digest,
            Consumer<PartitionState> changed,
            UnaryOperator<Reason> inForce) {
        this.objects = objects;
        this.topics = topics;
        this.producers = producers;
        this.condemned = condemned;
        this.digest = digest;
        this.changed = changed;
        this.inForce = inForce;
    }

    Outcome commit(Command.BlockCommitted block, long entry) {
        if (condemned.forbidsReference(block.object().id())) {
            return reject(block, Reason.STORAGE_UNAVAILABLE);
        }
        List<BatchItem> items = block.items();
        ItemOutcome[] outcomes = new ItemOutcome[items.size()];
        int object = NO_OBJECT;
        @Nullable PartitionState partition = null;
        for (int i = 0; i < outcomes.length; i++) {
            BatchItem item = items.get(i);
            // Items of a partition are adjacent, so most need no look-up.
            if (partition == null
                    || partition.number != item.partition()
                    || partition.topicId != item.topicId()) {
                partition = topics.partition(item.topicId(), item.partition());
            }
            @Nullable ItemOutcome verdict = validate(partition, item);
            if (verdict == null && partition != null) {
                object =
                        object == NO_OBJECT
                                ? objects.add(block.object(), block.appendTimeMs())
                                : object;
                verdict = append(partition, object, item, block.appendTimeMs(), entry);
            }
            outcomes[i] = verdict == null ? UNKNOWN_PARTITION : verdict;
        }
        if (object == NO_OBJECT) {
            objects.addUnreferenced(block.object().id(), block.object().sizeBytes());
        }
        return new Outcome.Block(Arrays.asList(outcomes));
    }

    private Outcome reject(Command.BlockCommitted block, Reason latest) {
        Reason reason = inForce.apply(latest);
        digest.add(reason);
        return new Outcome.Block(
                Collections.nCopies(block.items().size(), new ItemOutcome.Rejected(reason)));
    }

    private @Nullable ItemOutcome validate(@Nullable PartitionState partition, BatchItem item) {
        @Nullable ItemOutcome verdict;
        if (partition == null) {
            verdict = UNKNOWN_PARTITION;
        } else if (!PartitionState.canRepresent(item)) {
            verdict = BAD_POSITION;
        } else if (!item.producer().isIdempotent()) {
            return null;
        } else if (item.producer().producerId() >= producers.nextId()) {
            verdict = UNKNOWN_PRODUCER;
        } else {
            verdict = producers.validate(partition.serial, item.producer(), item.offsetCount());
        }
        if (verdict instanceof ItemOutcome.Rejected(Reason latest)) {
            verdict = new ItemOutcome.Rejected(inForce.apply(latest));
        }
        if (verdict != null) {
            digest(verdict);
        }
        return verdict;
    }

    private void digest(ItemOutcome verdict) {
        switch (verdict) {
            case ItemOutcome.Appended appended -> digest.add(appended.baseOffset());
            case ItemOutcome.Duplicate duplicate -> {
                digest.add(11);
                digest.add(duplicate.baseOffset());
                digest.add(duplicate.appendTimeMs());
            }
            case ItemOutcome.OldDuplicate old -> digest.add(12);
            case ItemOutcome.Rejected rejected -> digest.add(rejected.reason());
        }
    }

    private ItemOutcome append(
            PartitionState partition, int object, BatchItem item, long appendTimeMs, long entry) {
        long baseOffset = partition.append(object, item);
        ProducerStamp producer = item.producer();
        if (producer.isIdempotent()) {
            producers.remember(
                    partition.serial,
                    producer,
                    item.offsetCount(),
                    baseOffset,
                    appendTimeMs,
                    entry);
        }
        changed.accept(partition);
        digest.add(baseOffset);
        return new ItemOutcome.Appended(baseOffset);
    }
}
