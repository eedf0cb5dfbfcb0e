package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.TRAILER_BYTES;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.millrace.storage.object.ObjectStoreException;
import java.nio.ByteBuffer;

/** Index and trailer of stream objects, as they come from the bucket. */
class StreamObjectFuzzTest {

    private static final ObjectId ID = new ObjectId(ObjectId.Kind.SEGMENT, 7, 9);

    @FuzzTest(maxDuration = "20m")
    void anIndexIsParsedOrCorrupt(byte[] bytes) {
        try {
            StreamObjectTrailer.parse(ID, bytes);
        } catch (ObjectStoreException.Corrupt corrupt) {
            // Expected of most inputs.
        }
        if (bytes.length < TRAILER_BYTES) {
            return;
        }
        byte[] sealed = sealed(bytes);
        try {
            StreamObjectTrailer trailer = StreamObjectTrailer.parse(ID, sealed);
            StreamObjectIndex.parse(trailer.ref(), sealed);
            StreamObjectIndex.runs(trailer.ref(), sealed);
        } catch (ObjectStoreException.Corrupt | IllegalArgumentException corrupt) {
            // The second one: the bytes do not have the length that the metadata says.
        }
    }

    /** Makes the bytes pass the checks of magic, version, id and checksums. */
    private static byte[] sealed(byte[] bytes) {
        byte[] tail = bytes.clone();
        int at = tail.length - TRAILER_BYTES;
        ByteBuffer given = ByteBuffer.wrap(tail);
        long indexPosition = HEADER_BYTES + Math.floorMod(given.getLong(at), 1L << 40);
        new StreamObjectTrailer(
                        new ObjectRef(ID, indexPosition, indexPosition + tail.length),
                        given.getLong(at + 16),
                        at,
                        StreamObjectTrailer.crc(tail, 0, at),
                        (int) StreamObjectFormat.pageCount(indexPosition),
                        given.getInt(at + 8),
                        given.getInt(at + 24))
                .write(tail, at);
        return tail;
    }
}
