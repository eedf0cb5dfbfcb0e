package io.millrace.fetch.cache;

import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.zone.Zone;

/**
 * Sources of chunks that are closer than the bucket.
 *
 * @param disk the disk of this machine, tried before the zone
 * @param zone the other fetch nodes of the zone
 */
public record ChunkSources(ChunkStore disk, Zone zone) {

    public static final ChunkSources BUCKET_ONLY = new ChunkSources(ChunkStore.NONE, Zone.ALONE);
}
