package io.millrace.storage.object;

import java.nio.ByteBuffer;
import java.util.List;

/** The bytes of an object in pieces, readable repeatedly. */
public interface ObjectBody {

    long sizeBytes();

    /** Returns the pieces in order, as read-only views with independent positions. */
    List<ByteBuffer> pieces();

    /** Returns a body of one piece. The array must not change. */
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
