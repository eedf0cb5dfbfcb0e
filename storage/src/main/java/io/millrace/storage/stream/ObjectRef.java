package io.millrace.storage.stream;

/**
 * A stream object and what a reader must know of it to read it in part.
 *
 * @param id which
 * @param indexPosition where the runs end and the index begins, in bytes from the object's start
 * @param sizeBytes the whole object, index and trailer included
 */
public record ObjectRef(ObjectId id, long indexPosition, long sizeBytes) {

    public ObjectRef {
        if (indexPosition < 0 || sizeBytes <= indexPosition) {
            throw new IllegalArgumentException(
                    id + ": index at " + indexPosition + " of " + sizeBytes + " bytes");
        }
    }
}
