package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;

/**
 * A page of unfinished uploads, ordered by key.
 *
 * @param truncated true if more uploads follow
 */
public record UploadListing(List<ListedUpload> uploads, boolean truncated) {

    public UploadListing {
        uploads = List.copyOf(uploads);
    }

    /**
     * An upload in a listing.
     *
     * @param startedAt the start by the store's clock; the current time if unknown
     */
    public record ListedUpload(UploadId id, Instant startedAt) {}
}
