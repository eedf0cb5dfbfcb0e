package io.millrace.compaction.bucket;

/** Relation of an object in the bucket to a cluster. */
public enum ObjectStatus {
    /** Referenced by extents. */
    REFERENCED("Referenced by extents: contains records."),

    /** Dereferenced or condemned, and not yet deleted. */
    IN_GRACE(
            "Dereferenced or condemned. Deleted after its grace period, when no"
                    + " retained checkpoint of the metadata references it."),

    /** Part of the metadata log. */
    METADATA(
            "Archive or checkpoint of the metadata log, kept for restores of etcd for"
                    + " millrace.metadata-retention-s, or being written."),

    /** Former part of the metadata log, or a failed attempt to write one. */
    OLD_METADATA(
            "Archive or checkpoint that the metadata log will never reference again."
                    + " Deleted if the next rounds of the orphan sweep confirm this."),

    /** Stream object of the cluster without a reference. */
    UNREFERENCED(
            "Unreferenced: its commit is pending, or its writer died before the commit."
                    + " Condemned if the next rounds of the orphan sweep confirm this, and"
                    + " deleted after its grace period."),

    /** Multipart upload that has not been completed. */
    INCOMPLETE_UPLOAD(
            "Multipart upload in progress, or of a dead writer: then it is aborted"
                    + " after its grace period. Its size is unknown."),

    /** Any other object. */
    FOREIGN("Foreign: not written by this cluster, never touched.");

    private final String explanation;

    ObjectStatus(String sentence) {
        this.explanation = sentence;
    }

    /** Returns an explanation for an operator. */
    public String explanation() {
        return explanation;
    }
}
