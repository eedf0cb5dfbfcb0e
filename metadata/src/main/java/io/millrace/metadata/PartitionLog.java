package io.millrace.metadata;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
     * maxBytes} or the end is reached; at least one if there is one. None where the offset is that
     * of a row: ask {@link #offloaded} first.
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

    /**
     * The first extent with a record of this time (milliseconds since 1970) or later, of those that
     * are in memory: ask {@link #offloadedAt} first.
     */
    Optional<Extent> extentAt(long timestampMs);

    /** The row that holds an offset; empty if its extent is in memory. */
    Optional<OffloadedRange> offloaded(long offset);

    /** The first row with a record of this time (milliseconds since 1970) or later. */
    Optional<OffloadedRange> offloadedAt(long timestampMs);

    /** The newest row, behind which everything is in memory. */
    Optional<OffloadedRange> lastOffloaded();

    /**
     * The extents of a row.
     *
     * @param content what lies in the manifest at the row's position
     * @return empty if there is no such row any more: look again
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if that is not what was
     *     shelved
     */
    Optional<List<Extent>> extents(OffloadedRange row, byte[] content);

    /** How many extents are in memory. */
    int extentsInMemory();

    /** How many extents there are, in memory and in rows. Costs as much as there are rows. */
    int allExtents();

    /**
     * The oldest extents in memory that may leave it, in rows: up to the first that is moved yet.
     * One that waits for that leaves as it is where merges passed it over: they take the oldest
     * first. Costs as much as there are.
     *
     * @param keep so many of the newest stay; at least 1
     * @param min a row has so many or more
     * @param max a row has so many or fewer
     * @param passedBy where so many that are settled lie behind one that waits, merges passed it
     *     over
     * @param motion of what is in an object
     */
    List<ColdRange> cold(
            int keep, int min, int max, int passedBy, Function<StoredObject, MergeState> motion);
}
