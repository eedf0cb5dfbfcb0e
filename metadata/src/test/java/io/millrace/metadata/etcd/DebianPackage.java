package io.millrace.metadata.etcd;

import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;

/**
 * Programs and libraries of Debian for tests, downloaded and unpacked under {@code target/} without
 * an installation. Any thread.
 */
@SystemAccess("runs other programs")
public final class DebianPackage {

    private DebianPackage() {}

    /**
     * Returns the folder with a package's files. Downloaded once for all builds of the source tree.
     *
     * @param whyNot a list that receives the reasons of failures
     * @return empty if the package cannot be downloaded or unpacked
     */
    public static Optional<Path> unpacked(String name, List<String> whyNot)
            throws IOException, InterruptedException {
        Path all = Files.createDirectories(target().resolve("debian"));
        Path unpacked = all.resolve(name);
        if (Files.isDirectory(unpacked)) {
            return Optional.of(unpacked);
        }
        Path work = Files.createTempDirectory(all, "unpacking");
        boolean done =
                run(work, whyNot, "apt-get", "download", name)
                        && run(work, whyNot, "sh", "-c", "dpkg-deb -x " + name + "_*.deb unpacked");
        if (!done) {
            return Optional.empty();
        }
        try {
            Files.move(work.resolve("unpacked"), unpacked);
        } catch (FileAlreadyExistsException another) {
            // Another process was first.
        }
        return Optional.of(unpacked);
    }

    /**
     * Returns the folders with the files of a package and of all packages that it needs and that
     * are not installed.
     *
     * @param whyNot a list that receives the reasons of failures
     * @return empty if a package cannot be downloaded or unpacked
     */
    public static Optional<List<Path>> withDependencies(String name, List<String> whyNot)
            throws IOException, InterruptedException {
        Path work =
                Files.createTempDirectory(
                        Files.createDirectories(target().resolve("debian")), "resolving");
        // A simulation, for which no rights are needed.
        String[] resolve = {
            "apt-get", "-s", "-o", "Debug::NoLocking=1", "--no-install-recommends", "install", name
        };
        if (!run(work, whyNot, resolve)) {
            return Optional.empty();
        }
        SequencedSet<String> names = new LinkedHashSet<>(List.of(name));
        for (String line : Files.readAllLines(work.resolve("output.txt"))) {
            if (line.startsWith("Inst ")) {
                names.add(line.split(" ")[1]);
            }
        }
        List<Path> folders = new ArrayList<>();
        for (String each : names) {
            Optional<Path> folder = unpacked(each, whyNot);
            if (folder.isEmpty()) {
                return Optional.empty();
            }
            folders.add(folder.get());
        }
        return Optional.of(folders);
    }

    private static boolean run(Path folder, List<String> whyNot, String... command)
            throws InterruptedException {
        Path output = folder.resolve("output.txt");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            if (process.waitFor(2, TimeUnit.MINUTES) && process.exitValue() == 0) {
                return true;
            }
            process.destroyForcibly().waitFor();
            whyNot.add(
                    "'%s' failed: %s"
                            .formatted(
                                    String.join(" ", command), Files.readString(output).strip()));
        } catch (IOException missing) {
            whyNot.add("'%s' cannot be run: %s".formatted(command[0], missing.getMessage()));
        }
        return false;
    }

    /**
     * Returns the {@code target} folder at the root of the source tree, from any working directory
     * inside the tree.
     */
    static Path target() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(here.resolve(".mvn"))) {
            Path parent = here.getParent();
            if (parent == null) {
                throw new IllegalStateException("no .mvn above the working directory");
            }
            here = parent;
        }
        return here.resolve("target");
    }
}
