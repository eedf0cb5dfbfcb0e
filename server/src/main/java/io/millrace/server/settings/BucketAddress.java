package io.millrace.server.settings;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the objects are. */
public sealed interface BucketAddress {

    /** A folder of this machine. */
    record Folder(Path path) implements BucketAddress {
        @Override
        public String toString() {
            return "file:" + path;
        }
    }

    /** A bucket of an S3 server. */
    record S3(String name) implements BucketAddress {
        @Override
        public String toString() {
            return "s3://" + name;
        }
    }

    /** The rule for names of buckets that all S3 servers share. */
    Pattern S3_ADDRESS = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?");

    /**
     * Reads {@code file:DIR} or {@code s3://NAME}.
     *
     * @throws IllegalArgumentException saying what is right
     */
    static BucketAddress parse(String text) {
        if (text.startsWith("file:") && text.length() > 5) {
            String path = text.substring(5);
            return new Folder(Path.of(path.startsWith("//") ? path.substring(2) : path));
        }
        Matcher s3 = S3_ADDRESS.matcher(text);
        if (s3.matches()) {
            return new S3(s3.group(1));
        }
        throw new IllegalArgumentException("file:DIR or s3://NAME");
    }
}
