package io.millrace.compaction.bucket;

/** What an object of the bucket is to a cluster. */
public enum ObjectStatus {
    /** It holds records. */
    REFERENCED("Extents name it: records are in it."),

    /** It held records, or was condemned. */
    IN_GRACE(
            "No extent names it any more. It is deleted once its time of grace is over and no"
                    + " checkpoint of the metadata that names it is kept any more."),

    /** The metadata log needs it. */
    METADATA(
            "It holds a part of the metadata log's past, is kept for restores of etcd for"
                    + " millrace.metadata-retention-s, or is just being written."),

    /** The metadata log needed it, or an attempt to write it came too late. */
    OLD_METADATA(
            "The metadata log named it once, or never came to that, and will not any more. It is"
                    + " deleted when the next rounds find it like that too."),

    /** Written by a node of the cluster, for records. */
    UNREFERENCED(
            "Nothing names it. Its writer is about to, or died before it did: if the next rounds"
                    + " find it like that too, it is condemned, and deleted after its time of"
                    + " grace."),

    /** Parts of an object that is not there yet. */
    INCOMPLETE_UPLOAD(
            "An upload in parts that is under way, or whose writer died: then it is given up when"
                    + " its time of grace is over. Its bytes are not known."),

    /** Whatever else. */
    FOREIGN("It is not of this cluster, and nobody here touches it.");

    private final String sentence;

    ObjectStatus(String sentence) {
        this.sentence = sentence;
    }

    /** What that means, to a person. */
    public String sentence() {
        return sentence;
    }
}
