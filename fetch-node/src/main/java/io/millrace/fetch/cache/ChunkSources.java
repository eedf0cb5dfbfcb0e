package io.millrace.fetch.cache;

import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.zone.Zone;

/** Sources of chunks closer than the bucket. The disk is tried before the zone. */
public record ChunkSources(ChunkStore disk, Zone zone) {

    public static final ChunkSources BUCKET_ONLY = new ChunkSources(ChunkStore.NONE, Zone.ALONE);
}
