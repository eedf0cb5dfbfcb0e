package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.corrupt;

import java.util.Arrays;
import java.util.List;

/** Verifies a stream object that is held in memory as a whole. */
public final class StreamObjectVerifier {

    private StreamObjectVerifier() {}

    /**
     * Verifies an object.
     *
     * @param id the expected id
     * @param object the whole object
     * @return the object's runs
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt with a message that names the
     *     damage
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
        StreamObjectCheck check = new StreamObjectCheck(ref, tail);
        check.add(object, 0, indexPosition);
        return check.runs();
    }
}
