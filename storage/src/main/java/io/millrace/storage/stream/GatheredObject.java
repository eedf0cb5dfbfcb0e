package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;

import io.millrace.storage.object.ObjectBody;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A {@link SealedObject} with runs in the arrays in which the batches arrived. */
final class GatheredObject implements SealedObject {

    /** Memory of a slice: header, fields, reference and start position. */
    private static final int PIECE_OVERHEAD_BYTES = 40;

    private final ObjectRef ref;
    private final Slice header;
    private final GatheredPieces runs;
    private final byte[] tail;
    private final long arrayBytes;

    GatheredObject(ObjectRef ref, Slice header, GatheredPieces runs, byte[] tail, long arrayBytes) {
        this.ref = ref;
        this.header = header;
        this.runs = runs;
        this.tail = tail;
        this.arrayBytes = arrayBytes;
    }

    @Override
    public ObjectRef ref() {
        return ref;
    }

    @Override
    public ObjectBody body() {
        return new Body();
    }

    @Override
    public List<Slice> read(long position, int length) {
        if (position < HEADER_BYTES || length < 1 || position + length > ref.indexPosition()) {
            throw new IndexOutOfBoundsException(
                    "%d bytes at %d are not in the runs of %s".formatted(length, position, ref));
        }
        return runs.read(position, length);
    }

    @Override
    public long memoryBytes() {
        return arrayBytes + tail.length + (long) PIECE_OVERHEAD_BYTES * runs.all().size();
    }

    private final class Body implements ObjectBody {

        @Override
        public long sizeBytes() {
            return ref.sizeBytes();
        }

        @Override
        public List<ByteBuffer> pieces() {
            List<ByteBuffer> pieces = new ArrayList<>(runs.all().size() + 2);
            pieces.add(header.buffer());
            for (Slice run : runs.all()) {
                pieces.add(run.buffer());
            }
            pieces.add(ByteBuffer.wrap(tail).asReadOnlyBuffer());
            return pieces;
        }
    }
}
