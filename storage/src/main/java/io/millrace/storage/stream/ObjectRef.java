package io.millrace.storage.stream;

/**
 * A stream object with the sizes that a partial read requires.
 *
 * @param indexPosition the end of the runs and start of the index
 */
public record ObjectRef(ObjectId id, long indexPosition, long sizeBytes) {

    public ObjectRef {
        if (indexPosition < 0 || sizeBytes <= indexPosition) {
            throw new IllegalArgumentException(
                    id + ": index at " + indexPosition + " of " + sizeBytes + " bytes");
        }
    }
}
