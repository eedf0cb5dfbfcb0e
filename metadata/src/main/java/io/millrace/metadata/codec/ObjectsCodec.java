package io.millrace.metadata.codec;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.proto.ExtentsReplaced;
import io.millrace.metadata.proto.ObjectsCondemned;
import io.millrace.metadata.proto.StreamObject;
import io.millrace.metadata.proto.StreamObjectIds;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/** The codec of stream objects and their commands, in columns. */
final class ObjectsCodec {

    private ObjectsCodec() {}

    static StreamObject encode(ObjectRef object) {
        return StreamObject.newBuilder()
                .setKind(encode(object.id().kind()))
                .setIncarnation(object.id().incarnation())
                .setSequence(object.id().sequence())
                .setIndexPosition(object.indexPosition())
                .setSizeBytes(object.sizeBytes())
                .build();
    }

    static ObjectRef decode(StreamObject object) {
        return new ObjectRef(
                new ObjectId(
                        decode(object.getKind()), object.getIncarnation(), object.getSequence()),
                object.getIndexPosition(),
                object.getSizeBytes());
    }

    private static StreamObject.Kind encode(ObjectId.Kind kind) {
        return switch (kind) {
            case WAL -> StreamObject.Kind.WAL;
            case SEGMENT -> StreamObject.Kind.SEGMENT;
            case MANIFEST -> StreamObject.Kind.EXTENT_MANIFEST;
        };
    }

    private static ObjectId.Kind decode(StreamObject.Kind kind) {
        return switch (kind) {
            case WAL -> ObjectId.Kind.WAL;
            case SEGMENT -> ObjectId.Kind.SEGMENT;
            case EXTENT_MANIFEST -> ObjectId.Kind.MANIFEST;
            case KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw new UnsupportedEntryException(
                            "The metadata log contains an object kind of a newer version"
                                    + " of Millrace: start the node with that version.");
        };
    }

    private static StreamObjectIds.Builder encode(List<ObjectId> ids) {
        StreamObjectIds.Builder out = StreamObjectIds.newBuilder();
        long next = 0;
        for (ObjectId id : ids) {
            out.addKind(encode(id.kind()))
                    .addIncarnation(id.incarnation())
                    .addSequence(id.sequence() - next);
            next = id.sequence() + 1;
        }
        return out;
    }

    private static List<ObjectId> decode(StreamObjectIds ids) {
        List<ObjectId> decoded = new ArrayList<>(ids.getKindCount());
        long next = 0;
        for (int i = 0; i < ids.getKindCount(); i++) {
            long sequence = next + ids.getSequence(i);
            decoded.add(new ObjectId(decode(ids.getKind(i)), ids.getIncarnation(i), sequence));
            next = sequence + 1;
        }
        return decoded;
    }

    static ExtentsReplaced encode(Command.ExtentsReplaced replaced) {
        ExtentsReplaced.Builder out =
                ExtentsReplaced.newBuilder()
                        .setObject(encode(replaced.object()))
                        .setInputs(encode(replaced.inputs()));
        long topicId = 0;
        int partition = 0;
        long end = 0;
        long timestampMs = 0;
        for (Replacement row : replaced.rows()) {
            out.addRowTopicId(row.topicId() - topicId)
                    .addRowPartition(row.partition() - partition)
                    .addRowBaseOffset(row.baseOffset())
                    .addRowExtents(row.extents().size());
            topicId = row.topicId();
            partition = row.partition();
            for (NewExtent extent : row.extents()) {
                out.addOffsets(extent.endOffset() - extent.baseOffset())
                        .addGap(extent.position() - end)
                        .addLength(extent.length())
                        .addTimestamp(extent.maxTimestampMs() - timestampMs);
                end = extent.position() + extent.length();
                timestampMs = extent.maxTimestampMs();
            }
        }
        return out.build();
    }

    static Command.ExtentsReplaced decode(ExtentsReplaced replaced) {
        List<Replacement> rows = new ArrayList<>(replaced.getRowExtentsCount());
        long topicId = 0;
        int partition = 0;
        long end = 0;
        long timestampMs = 0;
        int at = 0;
        for (int row = 0; row < replaced.getRowExtentsCount(); row++) {
            topicId += replaced.getRowTopicId(row);
            partition += replaced.getRowPartition(row);
            long base = replaced.getRowBaseOffset(row);
            List<NewExtent> extents = new ArrayList<>();
            for (int i = 0; i < replaced.getRowExtents(row); i++, at++) {
                long position = end + replaced.getGap(at);
                timestampMs += replaced.getTimestamp(at);
                extents.add(
                        new NewExtent(
                                base,
                                base + replaced.getOffsets(at),
                                position,
                                replaced.getLength(at),
                                timestampMs));
                base += replaced.getOffsets(at);
                end = position + replaced.getLength(at);
            }
            rows.add(new Replacement(topicId, partition, extents));
        }
        return new Command.ExtentsReplaced(
                decode(replaced.getObject()), decode(replaced.getInputs()), rows);
    }

    static ObjectsCondemned encode(Command.ObjectsCondemned condemned) {
        ObjectsCondemned.Builder out =
                ObjectsCondemned.newBuilder()
                        .setObjects(
                                encode(
                                        condemned.objects().stream()
                                                .map(CondemnedObject::id)
                                                .toList()));
        condemned.objects().forEach(object -> out.addSizeBytes(object.sizeBytes()));
        return out.build();
    }

    static Command.ObjectsCondemned decode(ObjectsCondemned condemned) {
        List<ObjectId> ids = decode(condemned.getObjects());
        List<CondemnedObject> objects = new ArrayList<>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            objects.add(new CondemnedObject(ids.get(i), condemned.getSizeBytes(i)));
        }
        return new Command.ObjectsCondemned(objects);
    }
}
