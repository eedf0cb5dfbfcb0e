package io.millrace.storage.object;

import java.util.List;

/**
 * An upload in parts, as the one who writes it knows it. Holds nothing open: whoever loses it
 * leaves an upload behind that {@link ObjectStore#unfinished} tells of.
 *
 * @param partBytes size of every part but the last, which has 1 byte to as many
 * @param mark by which the store knows the object again that this upload became; what it looks like
 *     is the store's affair
 */
public record PartedUpload(UploadId id, int partBytes, String mark) {

    /** S3 takes no smaller parts, but for the last. */
    public static final int MIN_PART_BYTES = 5 << 20;

    /** S3 takes no more. */
    public static final int MAX_PARTS = 10_000;

    public PartedUpload {
        if (partBytes < 1) {
            throw new IllegalArgumentException("parts of %d bytes".formatted(partBytes));
        }
    }

    /** The object that it will be. */
    public ObjectKey key() {
        return id.key();
    }

    /** Where a part begins in the object; refuses a part that the contract does not allow. */
    public long position(int number, long sizeBytes) {
        if (number < 1 || number > MAX_PARTS || sizeBytes < 1 || sizeBytes > partBytes) {
            throw new IllegalArgumentException(
                    "%s: not a part: number %d of %d bytes".formatted(id, number, sizeBytes));
        }
        return (number - 1L) * partBytes;
    }

    /**
     * Bytes of the object that these parts are; refuses parts that are not all of an object, in
     * their order.
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
