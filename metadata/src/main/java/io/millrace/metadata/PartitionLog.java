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

    /** The first extent with a record of this time (milliseconds since 1970) or later. */
    Optional<Extent> extentAt(long timestampMs);
}
