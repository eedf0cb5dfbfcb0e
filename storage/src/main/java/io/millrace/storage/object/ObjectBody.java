package io.millrace.storage.object;

import java.nio.ByteBuffer;
import java.util.List;

/** The bytes to write as an object, in pieces. Can be read repeatedly. */
public interface ObjectBody {

    long sizeBytes();

    /**
     * Returns the pieces in order, as read-only views with independent positions. Can be called
     * repeatedly.
     */
    List<ByteBuffer> pieces();

    /** Returns a body of one piece. The array must not change afterwards. */
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
