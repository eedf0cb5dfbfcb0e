package io.millrace.fetch.cache;

import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.zone.Zone;

/**
 * Where chunks may be nearer than in the bucket.
 *
 * @param disk of this machine, asked before the zone
 * @param zone the other fetch nodes in it
 */
public record ChunkSources(ChunkStore disk, Zone zone) {

    /** Everything comes from the bucket. */
    public static final ChunkSources NOTHING = new ChunkSources(ChunkStore.NONE, Zone.ALONE);
}
