package io.millrace.storage.object;

import java.util.concurrent.CompletableFuture;

/** A sequential read with a GET for each part, for stores where a GET costs nothing. */
final class RepeatedGets implements SequentialRead {

    private final ObjectStore bucket;
    private final ObjectKey key;
    private final ByteRange range;
    private long position;

    RepeatedGets(ObjectStore bucket, ObjectKey key, ByteRange range) {
        this.bucket = bucket;
        this.key = key;
        this.range = range;
        this.position = range.start();
    }

    @Override
    public CompletableFuture<byte[]> next(int length) {
        ByteRange part = range.part(position, length);
        position = part.end();
        return bucket.getRange(key, part);
    }

    @Override
    public void close() {
        position = range.end();
    }
}
