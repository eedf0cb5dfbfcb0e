package io.millrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of a folder that is a bucket, while servers store and delete objects in it. */
final class BucketFiles {

    private BucketFiles() {}

    /** Returns the files whose path contains a text. */
    static List<Path> pathsContaining(Path bucket, String part) {
        while (true) {
            try (Stream<Path> files = Files.walk(bucket)) {
                return files.filter(file -> file.toString().contains(part))
                        .filter(Files::isRegularFile)
                        .toList();
            } catch (UncheckedIOException changing) {
                // A file was deleted during the listing: list again rather than return an
                // incomplete result.
                Thread.onSpinWait();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
