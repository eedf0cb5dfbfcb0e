package io.millrace.metadata.state;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.RecalledRow;
import io.millrace.metadata.command.ShelvedRow;
import io.millrace.metadata.proto.ExtentsOffloaded;
import io.millrace.metadata.proto.ExtentsReloaded;
import java.util.ArrayList;
import java.util.List;

/** Rows of extents that lie in manifests, in columns. */
final class ShelvesCodec {

    private ShelvesCodec() {}

    static ExtentsOffloaded encode(Command.ExtentsShelved shelved) {
        ExtentsOffloaded.Builder out =
                ExtentsOffloaded.newBuilder().setObject(ObjectsCodec.encode(shelved.object()));
        long topicId = 0;
        int partition = 0;
        for (ShelvedRow row : shelved.rows()) {
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

    static Command.ExtentsShelved decode(ExtentsOffloaded shelved) {
        List<ShelvedRow> rows = new ArrayList<>(shelved.getTopicIdCount());
        long topicId = 0;
        int partition = 0;
        for (int i = 0; i < shelved.getTopicIdCount(); i++) {
            topicId += shelved.getTopicId(i);
            partition += shelved.getPartition(i);
            rows.add(
                    new ShelvedRow(
                            topicId,
                            partition,
                            shelved.getBaseOffset(i),
                            shelved.getBaseOffset(i) + shelved.getOffsets(i),
                            shelved.getPosition(i),
                            shelved.getExtents(i),
                            shelved.getDigest(i)));
        }
        return new Command.ExtentsShelved(ObjectsCodec.decode(shelved.getObject()), rows);
    }

    static ExtentsReloaded encode(Command.ExtentsRecalled recalled) {
        ExtentsReloaded.Builder out = ExtentsReloaded.newBuilder();
        long topicId = 0;
        int partition = 0;
        for (RecalledRow row : recalled.rows()) {
            out.addTopicId(row.topicId() - topicId)
                    .addPartition(row.partition() - partition)
                    .addEndOffset(row.endOffset())
                    .addContent(row.content());
            topicId = row.topicId();
            partition = row.partition();
        }
        return out.build();
    }

    static Command.ExtentsRecalled decode(ExtentsReloaded recalled) {
        List<RecalledRow> rows = new ArrayList<>(recalled.getTopicIdCount());
        long topicId = 0;
        int partition = 0;
        for (int i = 0; i < recalled.getTopicIdCount(); i++) {
            topicId += recalled.getTopicId(i);
            partition += recalled.getPartition(i);
            rows.add(
                    new RecalledRow(
                            topicId, partition, recalled.getEndOffset(i), recalled.getContent(i)));
        }
        return new Command.ExtentsRecalled(rows);
    }
}
