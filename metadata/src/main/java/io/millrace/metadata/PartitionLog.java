package io.millrace.metadata;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** The extents of one partition, in offset order. Only on the loop that owns the metadata. */
public interface PartitionLog {

    long logStartOffset();

    long highWatermark();

    /**
     * Returns the generation of the cluster in which an offset was received; for the end of the
     * log, that of the last offset.
     */
    int generationAt(long offset);

    /**
     * Returns the end of the offsets received up to a generation. A client that read beyond it in
     * that generation read records that a restore of the log lost.
     *
     * @param generation from 1, before the generation in force, in which the partition's end is the
     *     high watermark
     */
    GenerationEnd endOfGeneration(int generation);

    /** Returns the size of all extents, offloaded extents included. */
    long sizeBytes();

    /**
     * Returns the extents from {@code offset} on, until their size reaches {@code maxBytes} or the
     * log ends; at least one if any exists. Empty for an offset in an offloaded range: call {@link
     * #offloadedRangeAt} first.
     *
     * @param offset from the log start to the high watermark
     */
    List<Extent> extents(long offset, long maxBytes);

    /**
     * Returns the log start after deletion of everything older than a time. This is the base offset
     * of the first extent with a record of this time or later, also stored at this time or later. A
     * record with a timestamp in the future is therefore as old as its block.
     */
    long startRetainedSince(long timeMs);

    /**
     * Returns the log start after deletion of the oldest extents, such that the rest has at least
     * {@code bytes}.
     */
    long startRetainedWithin(long bytes);

    /**
     * Returns the first in-memory extent with a record of this time or later. Call {@link
     * #offloadedRangeAtTime} first.
     */
    Optional<Extent> extentAtTime(long timestampMs);

    /**
     * Returns the largest timestamp of an extent, offloaded extents included, in time proportional
     * to the number of offloaded ranges; empty without extents.
     */
    OptionalLong maxTimestampMs();

    /** Returns the offloaded range with an offset; empty if the extent is in memory. */
    Optional<OffloadedRange> offloadedRangeAt(long offset);

    /** Returns the first offloaded range with a record of this time or later. */
    Optional<OffloadedRange> offloadedRangeAtTime(long timestampMs);

    /** Returns the newest offloaded range. */
    Optional<OffloadedRange> lastOffloadedRange();

    /**
     * Decodes the extents of an offloaded range.
     *
     * @param content the bytes at the range's position in the manifest
     * @return empty if the range no longer exists and must be looked up again
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if the bytes differ
     */
    Optional<List<Extent>> extents(OffloadedRange row, byte[] content);

    int extentsInMemory();

    /**
     * Returns the number of all extents, in time proportional to the number of offloaded ranges.
     */
    int totalExtents();

    /**
     * Returns ranges of the oldest in-memory extents that may be offloaded, up to the first extent
     * that a merge still moves. Includes pending extents that merges have skipped, because merges
     * take the oldest first. Takes time proportional to the number of in-memory extents.
     *
     * @param keep the number of newest extents to keep in memory, at least 1
     * @param min the minimum number of extents in a range
     * @param max the maximum number of extents in a range
     * @param passedBy the number of settled extents after which a pending extent counts as skipped
     */
    List<OffloadCandidate> offloadCandidates(
            int keep, int min, int max, int passedBy, Function<StoredObject, MergeState> motion);
}
