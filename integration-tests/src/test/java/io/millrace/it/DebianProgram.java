package io.millrace.it;

import io.millrace.metadata.etcd.DebianPackage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program or Python library of a Debian package, which runs from its unpacked folder with the
 * libraries that it needs.
 */
final class DebianProgram {

    private final List<Path> folders;

    private DebianProgram(List<Path> folders) {
        this.folders = folders;
    }

    /** Returns a package. The failure message says what to install. */
    static DebianProgram of(String name) throws IOException, InterruptedException {
        List<String> whyNot = new ArrayList<>();
        return new DebianProgram(
                DebianPackage.withDependencies(name, whyNot)
                        .orElseThrow(() ->
                                new AssertionError(
                                        "This test needs Debian's package %s: run it on Debian or Ubuntu after 'apt-get update'. What was tried: %s"
                                                .formatted(name, whyNot))));
    }

    /**
     * Returns a file of the packages.
     *
     * @param path the path that the file has after an installation, without a leading slash
     */
    Path file(String path) {
        return folders.stream()
                .map(folder -> folder.resolve(path))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + path + " in " + folders));
    }

    /** Runs a program of the packages to its end. */
    ExternalProgram.Result run(String path, String in, String... arguments) {
        List<String> command = new ArrayList<>(List.of(file(path).toString()));
        command.addAll(List.of(arguments));
        return ExternalProgram.run(command, environment(), in);
    }

    /** Runs a Python script with the libraries of the packages. */
    ExternalProgram.Result python(String script, String... arguments) {
        return ExternalProgram.run(pythonCommand("-", List.of(arguments)), environment(), script);
    }

    /**
     * Returns a process, to be started, of a Python script with the libraries of the packages.
     *
     * @param script the path of the script
     */
    ProcessBuilder pythonProcess(String script, List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder(pythonCommand(script, arguments));
        builder.environment().putAll(environment());
        return builder;
    }

    private static List<String> pythonCommand(String script, List<String> arguments) {
        // Debian's libraries are compiled for Debian's Python.
        Path python = Path.of("/usr/bin/python3");
        if (!Files.isExecutable(python)) {
            throw new AssertionError("This test needs Python: install Debian's package python3.");
        }
        List<String> command = new ArrayList<>(List.of(python.toString(), script));
        command.addAll(arguments);
        return command;
    }

    /** Returns the environment variables that let programs find the libraries. */
    Map<String, String> environment() {
        List<Path> python =
                folders.stream()
                        .map(folder -> folder.resolve("usr/lib/python3/dist-packages"))
                        .toList();
        return Map.of("LD_LIBRARY_PATH", path(libraryFolders()), "PYTHONPATH", path(python));
    }

    /** Returns the folders with shared libraries. */
    private List<Path> libraryFolders() {
        SequencedSet<Path> found = new LinkedHashSet<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.getFileName().toString().contains(".so"))
                        .forEach(file -> found.add(file.getParent()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return List.copyOf(found);
    }

    private static String path(List<Path> folders) {
        return folders.stream().map(Path::toString).collect(Collectors.joining(":"));
    }
}
