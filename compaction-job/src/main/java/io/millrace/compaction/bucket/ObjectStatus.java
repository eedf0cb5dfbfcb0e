package io.millrace.compaction.bucket;

/** The relation of an object in the bucket to a cluster. */
public enum ObjectStatus {
    REFERENCED("Referenced by extents: contains records."),

    IN_GRACE(
            "Dereferenced or condemned. Deleted after its grace period, when no"
                    + " retained checkpoint of the metadata references it."),

    METADATA(
            "Archive or checkpoint of the metadata log, kept for restores of etcd for"
                    + " millrace.metadata-retention-s, or being written; or the identity of the"
                    + " cluster."),

    OLD_METADATA(
            "Archive or checkpoint that the metadata log will never reference again."
                    + " Deleted if the next rounds of the orphan sweep confirm this."),

    UNREFERENCED(
            "Unreferenced: its commit is pending, or its writer died before the commit."
                    + " Condemned if the next rounds of the orphan sweep confirm this, and"
                    + " deleted after its grace period."),

    INCOMPLETE_UPLOAD(
            "Multipart upload in progress, or of a dead writer: then it is aborted"
                    + " after its grace period. Its size is unknown."),

    FOREIGN("Foreign: not written by this cluster, never touched.");

    private final String explanation;

    ObjectStatus(String sentence) {
        this.explanation = sentence;
    }

    public String explanation() {
        return explanation;
    }
}
