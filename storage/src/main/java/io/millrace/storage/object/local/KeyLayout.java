package io.millrace.storage.object.local;

import io.millrace.storage.object.ObjectKey;
import java.nio.file.Path;

/**
 * Maps keys to files: the first segment of a key is the folder, and the rest, with commas for
 * slashes, is the file name. Keys of one segment share a folder with a name that no segment can
 * have. The number of folders is the number of first segments (256 for hashed keys).
 */
final class KeyLayout {

    /** The folder of keys without a slash. */
    private static final String NO_SEGMENT = ",";

    private final Path objects;

    KeyLayout(Path objects) {
        this.objects = objects;
    }

    Path folder(ObjectKey key) {
        int slash = key.value().indexOf('/');
        return objects.resolve(slash < 0 ? NO_SEGMENT : key.value().substring(0, slash));
    }

    Path file(ObjectKey key) {
        String rest = key.value().substring(key.value().indexOf('/') + 1);
        return folder(key).resolve(rest.replace('/', ','));
    }

    /**
     * Returns the common prefix of a folder's keys; empty for the folder of keys without a slash.
     */
    static String commonPrefix(Path folder) {
        String name = String.valueOf(folder.getFileName());
        return name.equals(NO_SEGMENT) ? "" : name + "/";
    }

    /** Returns the key of a file, or the file's name if another program wrote the file. */
    static String name(String commonPrefix, Path file) {
        return commonPrefix + String.valueOf(file.getFileName()).replace(',', '/');
    }
}
