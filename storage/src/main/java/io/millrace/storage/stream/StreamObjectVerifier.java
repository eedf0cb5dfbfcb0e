package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.corrupt;

import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import java.util.Arrays;
import java.util.List;

/** The check of a whole stream object: every byte of it, and that its parts fit each other. */
public final class StreamObjectVerifier {

    private StreamObjectVerifier() {}

    /**
     * Checks an object.
     *
     * @param id as which it was written
     * @param object all its bytes
     * @return its runs
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt naming what is damaged
     */
    public static List<Run> verify(ObjectId id, byte[] object) {
        StreamObjectTrailer trailer = StreamObjectTrailer.parse(id, object);
        ObjectRef ref = trailer.ref();
        if (ref.sizeBytes() != object.length) {
            throw corrupt(
                    id,
                    "it has %d bytes, its trailer says %d"
                            .formatted(object.length, ref.sizeBytes()));
        }
        int indexPosition = (int) ref.indexPosition();
        byte[] tail = Arrays.copyOfRange(object, indexPosition, object.length);
        StreamObjectIndex.parse(ref, tail).verify(0, object, 0, indexPosition);
        byte[] header = StreamObjectFormat.header();
        if (!Arrays.equals(object, 0, HEADER_BYTES, header, 0, HEADER_BYTES)) {
            throw corrupt(id, "its header is not one of this format");
        }
        List<Run> runs = StreamObjectIndex.runs(ref, tail);
        verifyOrder(id, runs);
        runs.forEach(run -> verifyRun(id, object, run));
        if (runs.stream().mapToLong(Run::batchCount).sum() != trailer.batchCount()
                || runs.stream().mapToLong(Run::offsetCount).sum() != trailer.offsetCount()) {
            throw corrupt(id, "its runs do not add up to the counts of its trailer");
        }
        return runs;
    }

    private static void verifyOrder(ObjectId id, List<Run> runs) {
        for (int i = 1; i < runs.size(); i++) {
            Run before = runs.get(i - 1);
            Run run = runs.get(i);
            int byTopic = Long.compare(before.topicId(), run.topicId());
            if (byTopic > 0 || (byTopic == 0 && before.partition() >= run.partition())) {
                throw corrupt(id, "its runs are not sorted at byte " + run.position());
            }
        }
    }

    private static void verifyRun(ObjectId id, byte[] object, Run run) {
        BatchCursor batches = new BatchCursor(object, (int) run.position(), (int) run.length());
        int count = 0;
        long end = 0;
        while (batches.next()) {
            count++;
            if (id.kind() == ObjectId.Kind.SEGMENT) {
                end = verifyOffset(id, object, batches, end);
            }
            if (!batches.crcMatches()) {
                throw corrupt(
                        id, "the batch at byte %d fails its checksum".formatted(batches.at()));
            }
        }
        if (batches.restBytes() != 0
                || count != run.batchCount()
                || batches.offsetsUntilHere() != run.offsetCount()) {
            throw corrupt(
                    id,
                    "bytes %d to %d are not the batches that its index says"
                            .formatted(run.position(), run.end()));
        }
    }

    /** Only a segment's batches have offsets; returns the one behind the batch. */
    private static long verifyOffset(ObjectId id, byte[] object, BatchCursor batch, long before) {
        long baseOffset = BatchHeader.baseOffset(object, batch.at());
        if (baseOffset < before) {
            throw corrupt(
                    id,
                    "the batch at byte %d has offset %d, but must not be below %d"
                            .formatted(batch.at(), baseOffset, before));
        }
        return baseOffset + batch.offsetCount();
    }
}
