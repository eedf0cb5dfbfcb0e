package io.millrace.compaction.bucket;

/** Relation of an object in the bucket to a cluster. */
public enum ObjectStatus {
    /** Referenced by extents. */
    REFERENCED("Extents name it: records are in it."),

    /** Dereferenced or condemned, and not yet deleted. */
    IN_GRACE(
            "No extent names it any more. It is deleted once its time of grace is over and no"
                    + " checkpoint of the metadata that names it is kept any more."),

    /** Part of the metadata log. */
    METADATA(
            "It holds a part of the metadata log's past, is kept for restores of etcd for"
                    + " millrace.metadata-retention-s, or is just being written."),

    /** Former part of the metadata log, or a failed attempt to write one. */
    OLD_METADATA(
            "The metadata log named it once, or never came to that, and will not any more. It is"
                    + " deleted when the next rounds find it like that too."),

    /** Stream object of the cluster without a reference. */
    UNNAMED(
            "Nothing names it. Its writer is about to, or died before it did: if the next rounds"
                    + " find it like that too, it is condemned, and deleted after its time of"
                    + " grace."),

    /** Multipart upload that has not been completed. */
    UNFINISHED(
            "An upload in parts that is under way, or whose writer died: then it is given up when"
                    + " its time of grace is over. Its bytes are not known."),

    /** Any other object. */
    FOREIGN("It is not of this cluster, and nobody here touches it.");

    private final String sentence;

    ObjectStatus(String sentence) {
        this.sentence = sentence;
    }

    /** Returns an explanation for an operator. */
    public String sentence() {
        return sentence;
    }
}
