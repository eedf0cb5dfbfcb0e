package io.millrace.storage.object;

import java.nio.ByteBuffer;
import java.util.List;

/** The bytes of an object to be written, in pieces. Can be read any number of times. */
public interface ObjectBody {

    /** Number of bytes in all. */
    long sizeBytes();

    /** The pieces, in order: read-only views with positions of their own. May be called again. */
    List<ByteBuffer> pieces();

    /** A body of one piece; the array must not change afterwards. */
    static ObjectBody of(byte[] bytes) {
        return new ObjectBody() {
            @Override
            public long sizeBytes() {
                return bytes.length;
            }

            @Override
            public List<ByteBuffer> pieces() {
                return List.of(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
            }
        };
    }
}
