package io.millrace.fetch;

/**
 * Where chunks may be nearer than in the bucket.
 *
 * @param disk of this machine, asked before the zone
 * @param zone the other fetch nodes in it
 */
public record Nearby(ChunkStore disk, Zone zone) {

    /** Everything comes from the bucket. */
    public static final Nearby NOTHING = new Nearby(ChunkStore.NONE, Zone.ALONE);
}
