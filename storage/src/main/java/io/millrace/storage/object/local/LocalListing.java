package io.millrace.storage.object.local;

import io.millrace.runtime.disk.Disk;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.Listing.ListedObject;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Lists objects in the order of keys, which differs from the order of files. */
final class LocalListing {

    private final Disk disk;
    private final Path objects;

    LocalListing(Disk disk, Path objects) {
        this.disk = disk;
        this.objects = objects;
    }

    Listing page(String prefix, String after, int limit) throws IOException {
        List<ListedObject> page = new ArrayList<>();
        // Keys with the same first segment are adjacent, so whole folders are skipped.
        for (var group : groups().tailMap(firstGroup(after), true).entrySet()) {
            String common = group.getKey();
            if (!prefix.startsWith(common) && !common.startsWith(prefix)) {
                continue;
            }
            for (var file : keys(common, group.getValue()).tailMap(after, false).entrySet()) {
                if (!file.getKey().startsWith(prefix)) {
                    continue;
                }
                if (page.size() == limit) {
                    return new Listing(page, true);
                }
                describe(file.getKey(), file.getValue()).ifPresent(page::add);
            }
        }
        return new Listing(page, false);
    }

    private static String firstGroup(String after) {
        int slash = after.indexOf('/');
        return slash < 0 ? after : after.substring(0, slash + 1);
    }

    /** Returns folders by the common prefix of their keys, and files by key. */
    private NavigableMap<String, Path> groups() throws IOException {
        NavigableMap<String, Path> groups = new TreeMap<>();
        for (Path folder : disk.list(objects)) {
            String common = KeyLayout.commonPrefix(folder);
            if (common.isEmpty()) {
                for (Path file : disk.list(folder)) {
                    groups.put(KeyLayout.name("", file), file);
                }
            } else {
                groups.put(common, folder);
            }
        }
        return groups;
    }

    private NavigableMap<String, Path> keys(String common, Path path) throws IOException {
        NavigableMap<String, Path> keys = new TreeMap<>();
        if (!common.endsWith("/")) {
            keys.put(common, path);
            return keys;
        }
        for (Path file : files(path)) {
            keys.put(KeyLayout.name(common, file), file);
        }
        return keys;
    }

    private List<Path> files(Path folder) throws IOException {
        try {
            return disk.list(folder);
        } catch (NotDirectoryException foreign) {
            // A file in place of a folder has no key.
            return List.of();
        }
    }

    private Optional<ListedObject> describe(String key, Path file) throws IOException {
        try {
            return Optional.of(new ListedObject(key, disk.size(file), disk.lastModified(file)));
        } catch (NoSuchFileException deletedMeanwhile) {
            return Optional.empty();
        }
    }
}
