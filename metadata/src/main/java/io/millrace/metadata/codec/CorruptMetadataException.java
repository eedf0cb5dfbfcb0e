package io.millrace.metadata.codec;

import org.jspecify.annotations.Nullable;

/** Bytes of an entry, archive or checkpoint are not those that were written. Says which. */
public final class CorruptMetadataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CorruptMetadataException(String message) {
        this(message, null);
    }

    public CorruptMetadataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
