package io.millrace.it.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files in {@code k8s} and their syntax. */
final class Manifests {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Manifests() {}

    /** Returns the root of the source tree. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("k8s"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new AssertionError("no k8s above " + Path.of("").toAbsolutePath());
            }
        }
        return folder;
    }

    static Path folder() {
        return root().resolve("k8s");
    }

    /** Returns all files below a folder. */
    static List<Path> filesOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Returns the folders that contain a kustomization, such as {@code k8s/overlays/local}. */
    static List<Path> kustomizations(String kind) throws IOException {
        return filesOf(folder().resolve(kind)).stream()
                .filter(file -> file.endsWith("kustomization.yaml"))
                .map(Manifests::parentOf)
                .toList();
    }

    /** Returns the folder of a file. */
    static Path parentOf(Path file) {
        return Objects.requireNonNull(file.getParent());
    }

    /** Parses the documents of a YAML text. A key that occurs twice is an error. */
    static List<JsonNode> parse(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(text)) {
            documents.add(JSON.valueToTree(document));
        }
        return documents;
    }

    static List<JsonNode> parse(Path file) {
        return parse(read(file));
    }

    /** Returns the variables of a file with lines {@code NAME=VALUE}. */
    static Map<String, String> variables(Path file) {
        Map<String, String> variables = new LinkedHashMap<>();
        read(file)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split("=", 2))
                .forEach(pair -> variables.put(pair[0], pair[1]));
        return variables;
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** Returns all nodes of a tree that are the value of a field. */
    static List<JsonNode> all(JsonNode tree, String field) {
        return tree.findValues(field);
    }
}
