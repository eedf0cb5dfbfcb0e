package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.feature.Digest;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/** Validates and applies the offload and the reload of extents. */
public final class ExtentOffloads {

    private static final RowOutcome ACCEPTED = new RowOutcome.Accepted();
    private static final RowOutcome UNKNOWN_PARTITION =
            new RowOutcome.Rejected(Reason.UNKNOWN_PARTITION);
    private static final RowOutcome CORRUPT = new RowOutcome.Rejected(Reason.CORRUPT_DATA);

    private final ObjectTable objects;
    private final TopicTable topics;
    private final UnreachableRanges unreachable;
    private final CondemnedTable condemned;
    private final Digest digest;

    public ExtentOffloads(
            ObjectTable objects,
            TopicTable topics,
            UnreachableRanges unreachable,
            CondemnedTable condemned,
            Digest digest) {
        this.objects = objects;
        this.topics = topics;
        this.unreachable = unreachable;
        this.condemned = condemned;
        this.digest = digest;
    }

    public Outcome offload(Command.ExtentsOffloaded command) {
        ObjectRef object = command.object();
        if (condemned.forbidsReference(object.id())) {
            return rejected(
                    Reason.STORAGE_UNAVAILABLE,
                    "Extent manifest %s is condemned, or its writer is closed: offload again."
                            .formatted(object.id()));
        }
        if (object.id().kind() != ObjectId.Kind.MANIFEST
                || !command.rows().stream().allMatch(row -> fits(row, object))) {
            return rejected(
                    Reason.MALFORMED_REQUEST,
                    "Extents were offloaded outside of an extent manifest, or past its end: %s."
                            .formatted(object.id()));
        }
        LazyObjectNumber number = new LazyObjectNumber(objects, object, ObjectTable.NO_TIME);
        List<RowOutcome> outcomes = new ArrayList<>(command.rows().size());
        for (List<RangeToOffload> rows :
                PartitionRanges.split(
                        command.rows(), RangeToOffload::topicId, RangeToOffload::partition)) {
            PartitionState partition =
                    topics.partition(rows.getFirst().topicId(), rows.getFirst().partition());
            if (partition == null) {
                rows.forEach(row -> outcomes.add(UNKNOWN_PARTITION));
            } else {
                outcomes.addAll(partition.offload(rows, number::get));
                digest.add(partition.extentCount());
            }
        }
        number.finish();
        return new Outcome.Rows(outcomes);
    }

    private static boolean fits(RangeToOffload row, ObjectRef object) {
        return row.extents() <= OffloadedContent.MAX_EXTENTS
                && row.position()
                        <= object.indexPosition()
                                - (long) row.extents() * OffloadedContent.EXTENT_BYTES;
    }

    public Outcome reload(Command.ExtentsReloaded command) {
        List<RowOutcome> outcomes = new ArrayList<>(command.rows().size());
        for (ReloadedRange row : command.rows()) {
            outcomes.add(reload(row, new OffloadedContent(row.content().toByteArray())));
        }
        digest.add(objects.liveExtents());
        digest.add(objects.offloadedExtents());
        return new Outcome.Rows(outcomes);
    }

    private RowOutcome reload(ReloadedRange row, OffloadedContent content) {
        UnreachableRanges.Key key =
                new UnreachableRanges.Key(row.topicId(), row.partition(), row.endOffset());
        OffloadedRangeEntry out = unreachable.ranges().get(key);
        if (out != null) {
            if (!out.matches(content)) {
                return CORRUPT;
            }
            unreachable.ranges().remove(key);
            release(out, content);
            return ACCEPTED;
        }
        PartitionState partition = topics.partition(row.topicId(), row.partition());
        return partition == null ? UNKNOWN_PARTITION : partition.reload(row.endOffset(), content);
    }

    private void release(OffloadedRangeEntry row, OffloadedContent content) {
        for (int i = 0; i < content.count(); i++) {
            objects.reload(content.objectNumber(i));
            objects.release(content.objectNumber(i), content.length(i));
        }
        objects.releaseManifest(row.manifest(), row.length());
    }

    private static Outcome rejected(Reason reason, String message) {
        return new Outcome.CommandRejected(new Problem(reason, message));
    }
}
