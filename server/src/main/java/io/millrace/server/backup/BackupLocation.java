package io.millrace.server.backup;

import io.millrace.server.settings.BucketAddress;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.PrefixedObjectStore;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The location of backups: a folder, or a part of an S3 bucket.
 *
 * @param address the bucket in the form of {@code --bucket}
 * @param prefix the common prefix of all names, with a slash at its end; empty for none
 */
public record BackupLocation(String address, String prefix) {

    private static final String FORMS = "file:DIR, s3://NAME or s3://NAME/PREFIX";
    private static final Pattern S3 = Pattern.compile("(s3://[^/]+)/*(.*?)/*");

    /**
     * Parses a location.
     *
     * @throws IllegalArgumentException with the legal forms as its message
     */
    public static BackupLocation parse(String text) {
        Matcher s3 = S3.matcher(text);
        String address = s3.matches() ? s3.group(1) : text;
        String prefix = s3.matches() ? s3.group(2) : "";
        BucketAddress.parse(address);
        if (!prefix.isEmpty() && ObjectKey.parse(prefix).isEmpty()) {
            throw new IllegalArgumentException(FORMS);
        }
        return new BackupLocation(address, prefix.isEmpty() ? "" : prefix + "/");
    }

    /** Returns whether backups would lie among the objects of a cluster in this bucket. */
    public boolean isAllOf(BucketAddress bucket) {
        return prefix.isEmpty() && place(BucketAddress.parse(address)).equals(place(bucket));
    }

    private static BucketAddress place(BucketAddress address) {
        return switch (address) {
            case BucketAddress.Folder(Path path) ->
                    new BucketAddress.Folder(path.toAbsolutePath().normalize());
            case BucketAddress.S3 s3 -> s3;
        };
    }

    /** Returns the part of the bucket in which the backups are. */
    public ObjectStore within(ObjectStore bucket) {
        return prefix.isEmpty() ? bucket : new PrefixedObjectStore(bucket, prefix);
    }

    @Override
    public String toString() {
        return prefix.isEmpty() ? address : address + "/" + prefix;
    }
}
