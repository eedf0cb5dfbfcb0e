package io.millrace.metadata;

import java.util.List;
import java.util.Optional;

/** The extents of one partition, in offset order. Only on the loop that owns the metadata. */
public interface PartitionLog {

    /** First offset that can be read. */
    long logStartOffset();

    /** Offset that the next record will get. */
    long highWatermark();

    /** Bytes of all extents. */
    long sizeBytes();

    /**
     * The extents that hold {@code offset} and what follows, until their bytes reach {@code
     * maxBytes} or the end is reached; at least one if there is one.
     *
     * @param offset from the log start to the high watermark
     */
    List<Extent> extents(long offset, long maxBytes);

    /**
     * Where the log would begin if it went of what is older than this time: at the first extent
     * that has a record of this time or later and was stored then or later. So a record that claims
     * to be of the future is as old as its block.
     *
     * @param timeMs milliseconds since 1970
     * @return from the log start to the high watermark
     */
    long startKeptSince(long timeMs);

    /**
     * Where the log would begin if it went of its first extents as long as those behind them have
     * so many bytes or more.
     *
     * @return from the log start to the high watermark
     */
    long startKeptWithin(long bytes);

    /** The first extent with a record of this time (milliseconds since 1970) or later. */
    Optional<Extent> extentAt(long timestampMs);
}
