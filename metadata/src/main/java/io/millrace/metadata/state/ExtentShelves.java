package io.millrace.metadata.state;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.RecalledRow;
import io.millrace.metadata.command.ShelvedRow;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/** Lets extents leave memory and come back, or says why not. */
final class ExtentShelves {

    private static final CommittedRow COUNTS = new CommittedRow.Counts();
    private static final CommittedRow UNKNOWN_PARTITION =
            new CommittedRow.Rejected(Reason.UNKNOWN_PARTITION);
    private static final CommittedRow CORRUPT = new CommittedRow.Rejected(Reason.CORRUPT_DATA);

    private final ObjectTable objects;
    private final TopicTable topics;
    private final OwedTable owed;
    private final CondemnedTable condemned;
    private final Digest digest;

    ExtentShelves(
            ObjectTable objects,
            TopicTable topics,
            OwedTable owed,
            CondemnedTable condemned,
            Digest digest) {
        this.objects = objects;
        this.topics = topics;
        this.owed = owed;
        this.condemned = condemned;
        this.digest = digest;
    }

    /** Decides a command's rows, each on its own. */
    Outcome shelve(Command.ExtentsShelved command) {
        ObjectRef object = command.object();
        if (condemned.bans(object.id())) {
            return refused(
                    Reason.STORAGE_UNAVAILABLE,
                    "Nothing may name %s any more; shelve again.".formatted(object.id()));
        }
        if (object.id().kind() != ObjectId.Kind.MANIFEST
                || !command.rows().stream().allMatch(row -> fits(row, object))) {
            return refused(
                    Reason.MALFORMED_REQUEST,
                    "Extents do not lie in a manifest, but in %s.".formatted(object.id()));
        }
        NumberWhenNeeded number = new NumberWhenNeeded(objects, object, ObjectTable.NO_TIME);
        List<CommittedRow> outcomes = new ArrayList<>(command.rows().size());
        for (List<ShelvedRow> rows :
                PartitionRows.of(command.rows(), ShelvedRow::topicId, ShelvedRow::partition)) {
            PartitionState partition =
                    topics.partition(rows.getFirst().topicId(), rows.getFirst().partition());
            if (partition == null) {
                rows.forEach(row -> outcomes.add(UNKNOWN_PARTITION));
            } else {
                outcomes.addAll(partition.shelve(rows, number::get));
                digest.add(partition.extentCount());
            }
        }
        number.end();
        return new Outcome.Offsets(outcomes);
    }

    private static boolean fits(ShelvedRow row, ObjectRef object) {
        return row.extents() <= ShelvedContent.MOST_EXTENTS
                && row.position()
                        <= object.indexPosition()
                                - (long) row.extents() * ShelvedContent.EXTENT_BYTES;
    }

    /** Takes content back, each row on its own. */
    Outcome recall(Command.ExtentsRecalled command) {
        List<CommittedRow> outcomes = new ArrayList<>(command.rows().size());
        for (RecalledRow row : command.rows()) {
            outcomes.add(recall(row, new ShelvedContent(row.content().toByteArray())));
        }
        digest.add(objects.liveExtents());
        digest.add(objects.shelvedExtents());
        return new Outcome.Offsets(outcomes);
    }

    private CommittedRow recall(RecalledRow row, ShelvedContent content) {
        OwedTable.Key key = new OwedTable.Key(row.topicId(), row.partition(), row.endOffset());
        ShelfRow out = owed.rows().get(key);
        if (out != null) {
            if (!out.isOf(content)) {
                return CORRUPT;
            }
            owed.rows().remove(key);
            letGo(out, content);
            return COUNTS;
        }
        PartitionState partition = topics.partition(row.topicId(), row.partition());
        return partition == null ? UNKNOWN_PARTITION : partition.recall(row.endOffset(), content);
    }

    private void letGo(ShelfRow row, ShelvedContent content) {
        for (int i = 0; i < content.count(); i++) {
            objects.recall(content.objectNumber(i));
            objects.release(content.objectNumber(i), content.length(i));
        }
        objects.letGo(row.manifest(), row.length());
    }

    private static Outcome refused(Reason reason, String message) {
        return new Outcome.Refused(new Problem(reason, message));
    }
}
