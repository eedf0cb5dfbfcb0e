package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.INT;
import static io.millrace.storage.stream.StreamObjectFormat.LONG;
import static io.millrace.storage.stream.StreamObjectFormat.RUN_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.TRAILER_BYTES;

import java.util.List;

/** The index and trailer of a stream object, as written. */
record StreamObjectTail(ObjectRef ref, byte[] bytes) {

    static StreamObjectTail of(ObjectId id, long indexPosition, int[] pageCrcs, List<Run> runs) {
        int indexLength = Math.toIntExact(4L * pageCrcs.length + (long) RUN_BYTES * runs.size());
        byte[] bytes = new byte[indexLength + TRAILER_BYTES];
        int at = 0;
        for (int crc : pageCrcs) {
            INT.set(bytes, at, crc);
            at += 4;
        }
        int batches = 0;
        long offsets = 0;
        for (Run run : runs) {
            LONG.set(bytes, at, run.topicId());
            INT.set(bytes, at + 8, run.partition());
            INT.set(bytes, at + 12, run.batchCount());
            LONG.set(bytes, at + 16, run.position());
            LONG.set(bytes, at + 24, run.length());
            LONG.set(bytes, at + 32, run.offsetCount());
            at += RUN_BYTES;
            batches += run.batchCount();
            offsets += run.offsetCount();
        }
        ObjectRef ref = new ObjectRef(id, indexPosition, indexPosition + bytes.length);
        new StreamObjectTrailer(
                        ref,
                        offsets,
                        indexLength,
                        StreamObjectTrailer.crc(bytes, 0, indexLength),
                        pageCrcs.length,
                        runs.size(),
                        batches)
                .write(bytes, indexLength);
        return new StreamObjectTail(ref, bytes);
    }
}
