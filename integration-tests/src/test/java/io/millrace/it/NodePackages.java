package io.millrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Packages of npm, installed below {@code target}, with a Node.js that is one of them. */
final class NodePackages {

    // Newer than the one of Debian 12, which @platformatic/kafka does not support.
    private static final String NODE = "24.21.0";

    private final Path folder;

    private NodePackages(Path folder) {
        this.folder = folder;
    }

    /**
     * Installs a package. The failure message says what is missing.
     *
     * @param name the name and the version, such as {@code kafkajs@2.2.4}
     */
    static NodePackages install(String name) throws IOException {
        Path folder =
                MillraceCommandLine.root()
                        .resolve("integration-tests/target/npm")
                        .resolve(name.replaceAll("[^a-z0-9.]+", "-"));
        Files.createDirectories(folder);
        NodePackages packages = new NodePackages(folder);
        if (!Files.exists(folder.resolve("installed"))) {
            npm(folder, name, nodePackage() + "@" + NODE);
            Files.createFile(folder.resolve("installed"));
        }
        return packages;
    }

    private static void npm(Path folder, String... names) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "npm",
                                "install",
                                "--no-audit",
                                "--no-fund",
                                "--loglevel=error",
                                "--prefix",
                                folder.toString()));
        command.addAll(List.of(names));
        try {
            ExternalProgram.run(command, Map.of(), "").ok();
        } catch (UncheckedIOException missing) {
            throw new AssertionError(
                    "This test needs npm: install Debian's packages nodejs and npm.", missing);
        }
    }

    /** Runs a script. */
    ExternalProgram.Result run(String script, String... arguments) throws IOException {
        Path file = Files.writeString(folder.resolve(script), Scripts.text(script));
        List<String> command = new ArrayList<>();
        command.add(folder.resolve("node_modules/" + nodePackage() + "/bin/node").toString());
        command.add(file.toString());
        command.addAll(List.of(arguments));
        return ExternalProgram.run(command, Map.of(), "");
    }

    private static String nodePackage() {
        String machine = System.getProperty("os.arch");
        return "node-linux-" + (machine.equals("aarch64") ? "arm64" : "x64");
    }
}
