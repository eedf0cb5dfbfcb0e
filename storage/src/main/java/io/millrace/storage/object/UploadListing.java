package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;

/**
 * A page of a bucket's unfinished uploads.
 *
 * @param uploads the uploads, ordered by key
 * @param truncated whether more uploads follow
 */
public record UploadListing(List<ListedUpload> uploads, boolean truncated) {

    public UploadListing {
        uploads = List.copyOf(uploads);
    }

    /**
     * An upload in a listing.
     *
     * @param startedAt the start time by the store's clock; the current time if the store has no
     *     record of the start
     */
    public record ListedUpload(UploadId id, Instant startedAt) {}
}
