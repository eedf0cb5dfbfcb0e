package io.millrace.storage.object.local;

import io.millrace.storage.object.ObjectKey;
import java.nio.file.Path;

/**
 * Maps keys to files. The first segment is the folder; the rest, with commas for slashes, is the
 * file name. Hashed keys have 256 folders.
 */
final class KeyLayout {

    /** Folder of keys without a slash; not a legal segment. */
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

    /** Returns the common prefix of a folder's keys; empty for keys without a slash. */
    static String commonPrefix(Path folder) {
        String name = String.valueOf(folder.getFileName());
        return name.equals(NO_SEGMENT) ? "" : name + "/";
    }

    /** Returns the key of a file, or any name for a file of another program. */
    static String name(String commonPrefix, Path file) {
        return commonPrefix + String.valueOf(file.getFileName()).replace(',', '/');
    }
}
