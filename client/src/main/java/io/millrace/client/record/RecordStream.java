package io.millrace.client.record;

import io.millrace.client.error.MillraceException;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.batch.SnappyBlocks;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * The records of a batch, decoded one at a time. Nothing is allocated by a number of the header or
 * of the compressed data, except for a record of up to {@link #MAX_RECORD_BYTES}. Not thread-safe.
 */
final class RecordStream implements Iterator<ReadRecord> {

    /** The maximum size of a decompressed record. */
    static final int MAX_RECORD_BYTES = 64 << 20;

    /** The maximum size of a batch's decompressed records. */
    static final long MAX_BATCH_BYTES = 1L << 30;

    /** Releases the native memory of decompressors after an iteration that was not finished. */
    private static final int ATTRIBUTES_AT = 21;

    private static final Cleaner CLEANER = Cleaner.create();

    private final ReadBatch batch;
    private final Function<Record, ReadRecord> toRead;
    private final Consumer<MillraceException.Undecodable> onFailure;
    private final CloseableIterator<Record> decoded;
    private final Cleaner.Cleanable decompressor;
    private long decodedBytes;
    private @Nullable ReadRecord next;

    /**
     * @param onFailure the callback that throws the failure or, to end the iteration, returns
     */
    RecordStream(
            ReadBatch batch,
            ByteBuffer bytes,
            Function<Record, ReadRecord> toRead,
            Consumer<MillraceException.Undecodable> onFailure) {
        this.batch = batch;
        this.toRead = toRead;
        this.onFailure = onFailure;
        this.decoded = open(bytes);
        this.decompressor = CLEANER.register(this, decoded::close);
        this.next = advance();
    }

    private CloseableIterator<Record> open(ByteBuffer bytes) {
        try {
            requireSaneBlocks(bytes);
            DefaultRecordBatch source =
                    (DefaultRecordBatch)
                            MemoryRecords.readableRecords(bytes).batches().iterator().next();
            return source.streamingIterator(BufferSupplier.NO_CACHING, MAX_RECORD_BYTES);
        } catch (RuntimeException undecodable) {
            onFailure.accept(failure(undecodable));
            return CloseableIterator.wrap(java.util.Collections.emptyIterator());
        }
    }

    /** The decoder of snappy believes the sizes of blocks, and throws an Error at a wrong one. */
    private static void requireSaneBlocks(ByteBuffer batch) {
        int codec = batch.getShort(batch.position() + ATTRIBUTES_AT) & BatchHeader.COMPRESSION_MASK;
        if (codec == CompressionCodec.SNAPPY.id()) {
            byte[] copy = new byte[batch.remaining()];
            batch.duplicate().get(copy);
            SnappyBlocks.require(copy);
        }
    }

    private @Nullable ReadRecord advance() {
        Record record;
        try {
            record = nextWanted();
        } catch (RuntimeException undecodable) {
            decompressor.clean();
            onFailure.accept(failure(undecodable));
            return null;
        }
        if (record == null) {
            decompressor.clean();
            return null;
        }
        return toRead.apply(record);
    }

    private @Nullable Record nextWanted() {
        while (decoded.hasNext()) {
            Record record = decoded.next();
            decodedBytes += record.sizeInBytes();
            if (decodedBytes > MAX_BATCH_BYTES) {
                throw new IllegalStateException(
                        "its records exceed %d bytes".formatted(MAX_BATCH_BYTES));
            }
            if (record.offset() >= batch.firstOffset()) {
                return record;
            }
        }
        return null;
    }

    private MillraceException.Undecodable failure(RuntimeException cause) {
        return new MillraceException.Undecodable(
                batch.partition(), batch.firstOffset(), batch.nextOffset(), cause);
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public ReadRecord next() {
        ReadRecord current = next;
        if (current == null) {
            throw new NoSuchElementException();
        }
        next = advance();
        return current;
    }
}
