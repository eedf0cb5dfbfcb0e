package io.millrace.metadata.codec;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.proto.ExtentsOffloaded;
import io.millrace.metadata.proto.ExtentsReloaded;
import java.util.ArrayList;
import java.util.List;

/** The codec of offloaded and reloaded ranges, in columns. */
final class OffloadCodec {

    private OffloadCodec() {}

    static ExtentsOffloaded encode(Command.ExtentsOffloaded offloaded) {
        ExtentsOffloaded.Builder out =
                ExtentsOffloaded.newBuilder().setObject(ObjectsCodec.encode(offloaded.object()));
        long topicId = 0;
        int partition = 0;
        for (RangeToOffload row : offloaded.rows()) {
            out.addTopicId(row.topicId() - topicId)
                    .addPartition(row.partition() - partition)
                    .addBaseOffset(row.baseOffset())
                    .addOffsets(row.endOffset() - row.baseOffset())
                    .addPosition(row.position())
                    .addExtents(row.extents())
                    .addDigest(row.digest());
            topicId = row.topicId();
            partition = row.partition();
        }
        return out.build();
    }

    static Command.ExtentsOffloaded decode(ExtentsOffloaded offloaded) {
        List<RangeToOffload> rows = new ArrayList<>(offloaded.getTopicIdCount());
        long topicId = 0;
        int partition = 0;
        for (int i = 0; i < offloaded.getTopicIdCount(); i++) {
            topicId += offloaded.getTopicId(i);
            partition += offloaded.getPartition(i);
            rows.add(
                    new RangeToOffload(
                            topicId,
                            partition,
                            offloaded.getBaseOffset(i),
                            offloaded.getBaseOffset(i) + offloaded.getOffsets(i),
                            offloaded.getPosition(i),
                            offloaded.getExtents(i),
                            offloaded.getDigest(i)));
        }
        return new Command.ExtentsOffloaded(ObjectsCodec.decode(offloaded.getObject()), rows);
    }

    static ExtentsReloaded encode(Command.ExtentsReloaded reloaded) {
        ExtentsReloaded.Builder out = ExtentsReloaded.newBuilder();
        long topicId = 0;
        int partition = 0;
        for (ReloadedRange row : reloaded.rows()) {
            out.addTopicId(row.topicId() - topicId)
                    .addPartition(row.partition() - partition)
                    .addEndOffset(row.endOffset())
                    .addContent(row.content());
            topicId = row.topicId();
            partition = row.partition();
        }
        return out.build();
    }

    static Command.ExtentsReloaded decode(ExtentsReloaded reloaded) {
        List<ReloadedRange> rows = new ArrayList<>(reloaded.getTopicIdCount());
        long topicId = 0;
        int partition = 0;
        for (int i = 0; i < reloaded.getTopicIdCount(); i++) {
            topicId += reloaded.getTopicId(i);
            partition += reloaded.getPartition(i);
            rows.add(
                    new ReloadedRange(
                            topicId, partition, reloaded.getEndOffset(i), reloaded.getContent(i)));
        }
        return new Command.ExtentsReloaded(rows);
    }
}
