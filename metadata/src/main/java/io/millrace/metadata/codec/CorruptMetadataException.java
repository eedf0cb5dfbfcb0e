package io.millrace.metadata.codec;

import org.jspecify.annotations.Nullable;

/** Thrown when an entry, an archive or a checkpoint is corrupt. The message names the source. */
public final class CorruptMetadataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CorruptMetadataException(String message) {
        this(message, null);
    }

    public CorruptMetadataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
