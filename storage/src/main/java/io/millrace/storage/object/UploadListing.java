package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;

/**
 * A page of a bucket's unfinished uploads.
 *
 * @param uploads by key
 * @param truncated whether there are more behind the last one
 */
public record UploadListing(List<ListedUpload> uploads, boolean truncated) {

    public UploadListing {
        uploads = List.copyOf(uploads);
    }

    /**
     * One upload of a listing.
     *
     * @param begun by the store's clock; a store that has forgotten it says now
     */
    public record ListedUpload(UploadId id, Instant begun) {}
}
