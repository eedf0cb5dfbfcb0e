import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Copies class folders into one, and gives the classes the version of Java 23, the newest
 * one that Jazzer can instrument. Arguments: the target, then the folders.
 */
class LowerClassVersion {

    private static final int NEWEST = 67;

    void main(String[] arguments) throws IOException {
        Path target = Path.of(arguments[0]);
        for (String folder : List.of(arguments).subList(1, arguments.length)) {
            Path source = Path.of(folder);
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    copy(file, target.resolve(source.relativize(file).toString()));
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        if (from.toString().endsWith(".class")) {
            byte[] bytes = Files.readAllBytes(from);
            if (bytes[7] > NEWEST) {
                bytes[7] = NEWEST;
            }
            Files.write(to, bytes);
        } else {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
