package io.millrace.storage.object.s3;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The pieces of a body, merged to at least {@link #MIN_BYTES} except the last, because the SDK has
 * a constant cost per piece. Large pieces are not copied.
 */
final class CoalescedPieces implements Iterator<ByteBuffer> {

    static final int MIN_BYTES = 64 << 10;

    private final Iterator<ByteBuffer> pieces;
    private ByteBuffer current = ByteBuffer.allocate(0);
    private long restBytes;

    CoalescedPieces(List<ByteBuffer> pieces, long sizeBytes) {
        this.pieces = pieces.iterator();
        this.restBytes = sizeBytes;
    }

    @Override
    public boolean hasNext() {
        return restBytes > 0;
    }

    @Override
    public ByteBuffer next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        advance();
        ByteBuffer next;
        if (current.remaining() >= Math.min(MIN_BYTES, restBytes)) {
            next = current;
            current = ByteBuffer.allocate(0);
        } else {
            next = merged();
        }
        restBytes -= next.remaining();
        return next;
    }

    private void advance() {
        while (!current.hasRemaining()) {
            current = pieces.next();
        }
    }

    private ByteBuffer merged() {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(MIN_BYTES, restBytes));
        while (chunk.hasRemaining()) {
            advance();
            int count = Math.min(chunk.remaining(), current.remaining());
            chunk.put(chunk.position(), current, current.position(), count);
            chunk.position(chunk.position() + count);
            current.position(current.position() + count);
        }
        return chunk.flip();
    }
}
