package io.millrace.storage.object;

import java.util.List;

/**
 * A handle of a multipart upload, without resources.
 *
 * @param partBytes the size of every part but the last
 * @param mark an opaque value that identifies the object of this upload
 */
public record MultipartUpload(UploadId id, int partBytes, String mark) {

    /** Minimum size of every part but the last at S3. */
    public static final int MIN_PART_BYTES = 5 << 20;

    /** Maximum number of parts at S3. */
    public static final int MAX_PARTS = 10_000;

    public MultipartUpload {
        if (partBytes < 1) {
            throw new IllegalArgumentException("invalid part size: %d bytes".formatted(partBytes));
        }
    }

    public ObjectKey key() {
        return id.key();
    }

    /** Returns the position of a part in the object. */
    public long position(int number, long sizeBytes) {
        if (number < 1 || number > MAX_PARTS || sizeBytes < 1 || sizeBytes > partBytes) {
            throw new IllegalArgumentException(
                    "%s: not a part: number %d of %d bytes".formatted(id, number, sizeBytes));
        }
        return (number - 1L) * partBytes;
    }

    /**
     * Returns the size of the object.
     *
     * @throws IllegalArgumentException if the parts are incomplete or out of order
     */
    public long sizeBytes(List<StoredPart> parts) {
        long end = 0;
        for (StoredPart part : parts) {
            if (position(part.number(), part.sizeBytes()) != end) {
                throw new IllegalArgumentException(
                        "%s: part %d does not begin at %d".formatted(id, part.number(), end));
            }
            end += part.sizeBytes();
        }
        if (end == 0) {
            throw new IllegalArgumentException(id + ": no parts");
        }
        return end;
    }
}
