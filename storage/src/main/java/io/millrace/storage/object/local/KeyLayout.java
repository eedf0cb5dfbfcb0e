package io.millrace.storage.object.local;

import io.millrace.storage.object.ObjectKey;
import java.nio.file.Path;

/**
 * Where an object's file lies: the key's first segment names the folder, and the rest, with commas
 * for slashes, the file. Keys of one segment share a folder whose name no segment can have. So
 * there are as many folders as first segments (256 for hashed keys), however many objects.
 */
final class KeyLayout {

    /** The folder of the keys that have no slash. */
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

    /** What all keys of a folder begin with; empty for the folder of keys without slash. */
    static String commonPrefix(Path folder) {
        String name = String.valueOf(folder.getFileName());
        return name.equals(NO_SEGMENT) ? "" : name + "/";
    }

    /** The key of a file; of one that somebody else put there, its name. */
    static String name(String commonPrefix, Path file) {
        return commonPrefix + String.valueOf(file.getFileName()).replace(',', '/');
    }
}
