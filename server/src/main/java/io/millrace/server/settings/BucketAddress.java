package io.millrace.server.settings;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The address of the object store that holds all objects. */
public sealed interface BucketAddress {

    record Folder(Path path) implements BucketAddress {
        @Override
        public String toString() {
            return "file:" + path;
        }
    }

    record S3(String name) implements BucketAddress {
        @Override
        public String toString() {
            return "s3://" + name;
        }
    }

    /** The bucket name follows the rule common to all S3 servers. */
    Pattern S3_ADDRESS = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?");

    /**
     * Parses {@code file:DIR} or {@code s3://NAME}.
     *
     * @throws IllegalArgumentException with the legal forms as its message
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
