package io.millrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of a folder that is a bucket, while servers put objects there and delete them. */
final class BucketFiles {

    private BucketFiles() {}

    /** Those whose path contains something. */
    static List<Path> containing(Path bucket, String part) {
        while (true) {
            try (Stream<Path> files = Files.walk(bucket)) {
                return files.filter(file -> file.toString().contains(part))
                        .filter(Files::isRegularFile)
                        .toList();
            } catch (UncheckedIOException changing) {
                // A file went while this looked, and to see none of them would be worse than late.
                Thread.onSpinWait();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
