package io.millrace.storage.stream;

import io.millrace.protocol.batch.BatchHeader;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** Batches and objects for tests. */
final class StreamObjects {

    static final ObjectId ID = new ObjectId(ObjectId.Kind.WAL, 0x0123456789abcdefL, 42);

    private StreamObjects() {}

    /** Writes a batch with a right header around random bytes. */
    static void writeBatch(byte[] array, int at, int size, int records, RandomGenerator random) {
        byte[] body = new byte[size - BatchHeader.BYTES];
        random.nextBytes(body);
        System.arraycopy(body, 0, array, at + BatchHeader.BYTES, body.length);
        BatchHeader.write(array, at, size, BatchHeader.Fields.anonymous(4, records, 1_000, 2_000));
    }

    static Slice batch(int size, int records, RandomGenerator random) {
        byte[] array = new byte[size];
        writeBatch(array, 0, size, records, random);
        return new Slice(array, 0, size);
    }

    static byte[] bytes(SealedObject object) {
        ByteBuffer all = ByteBuffer.allocate((int) object.body().sizeBytes());
        object.body().pieces().forEach(all::put);
        return all.array();
    }

    static byte[] bytes(Slice slice) {
        byte[] bytes = new byte[slice.length()];
        slice.buffer().get(bytes);
        return bytes;
    }
}
