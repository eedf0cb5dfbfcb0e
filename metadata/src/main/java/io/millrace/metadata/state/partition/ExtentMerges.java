package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.feature.Digest;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Validates and applies merges and condemns orphans. */
public final class ExtentMerges {

    private final ObjectTable objects;
    private final TopicTable topics;
    private final CondemnedTable condemned;
    private final Digest digest;

    public ExtentMerges(
            ObjectTable objects, TopicTable topics, CondemnedTable condemned, Digest digest) {
        this.objects = objects;
        this.topics = topics;
        this.condemned = condemned;
        this.digest = digest;
    }

    public Outcome replace(Command.ExtentsReplaced command) {
        ObjectRef object = command.object();
        if (condemned.forbidsReference(object.id())) {
            return rejected(
                    Reason.STORAGE_UNAVAILABLE,
                    "Nothing may be put into %s any more; merge again.".formatted(object.id()));
        }
        if (!command.rows().stream().allMatch(row -> fits(row, object))) {
            return rejected(
                    Reason.MALFORMED_REQUEST,
                    "Extents are past the end of object %s.".formatted(object.id()));
        }
        BitSet inputs = objects.numbersOf(Set.copyOf(command.inputs()));
        LazyObjectNumber number = new LazyObjectNumber(objects, object, ObjectTable.NO_TIME);
        List<RowOutcome> outcomes = new ArrayList<>(command.rows().size());
        for (List<Replacement> rows :
                PartitionRanges.split(
                        command.rows(), Replacement::topicId, Replacement::partition)) {
            PartitionState partition =
                    topics.partition(rows.getFirst().topicId(), rows.getFirst().partition());
            if (partition == null) {
                rows.forEach(
                        row -> outcomes.add(new RowOutcome.Rejected(Reason.UNKNOWN_PARTITION)));
            } else {
                outcomes.addAll(partition.replace(rows, inputs::get, number::get));
                digest.add(partition.extentCount());
                digest.add(partition.sizeBytes());
            }
        }
        number.finish();
        return new Outcome.Rows(outcomes);
    }

    private static boolean fits(Replacement row, ObjectRef object) {
        long max = Math.min(object.indexPosition(), ExtentColumns.MAX_POSITION);
        for (NewExtent extent : row.extents()) {
            if (extent.position() > max - extent.length()) {
                return false;
            }
        }
        return true;
    }

    public Outcome condemn(Command.ObjectsCondemned command) {
        Set<ObjectId> ids = new HashSet<>();
        command.objects().forEach(object -> ids.add(object.id()));
        Set<ObjectId> named = objects.referencedAmong(ids);
        for (CondemnedObject object : command.objects()) {
            if (!named.contains(object.id())) {
                condemned.add(object.id());
                objects.addUnreferenced(object.id(), object.sizeBytes());
            }
        }
        digest.add(named.size());
        return new Outcome.Completed();
    }

    private static Outcome rejected(Reason reason, String message) {
        return new Outcome.CommandRejected(new Problem(reason, message));
    }
}
