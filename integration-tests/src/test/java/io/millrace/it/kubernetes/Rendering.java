package io.millrace.it.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The objects that {@code kubectl kustomize} renders from a folder.
 *
 * @param name the folder, for messages
 */
@SystemAccess("runs kubectl")
record Rendering(String name, List<JsonNode> objects) {

    /** A pod template and the object that contains it. */
    record Workload(JsonNode owner, JsonNode template) {

        String name() {
            return owner.path("kind").asText() + "/" + owner.at("/metadata/name").asText();
        }

        JsonNode spec() {
            return template.path("spec");
        }

        Map<String, String> labels() {
            return strings(template.at("/metadata/labels"));
        }

        List<JsonNode> containers() {
            return Stream.of("initContainers", "containers")
                    .flatMap(kind -> Manifests.stream(spec().path(kind)))
                    .toList();
        }

        boolean isMillrace() {
            return "millrace".equals(labels().get("app.kubernetes.io/name"));
        }
    }

    /** Renders a folder. The failure message says what is missing or wrong. */
    static Rendering of(Path folder) throws IOException, InterruptedException {
        Process kubectl;
        Path errors = Files.createTempFile("kustomize", ".err");
        try {
            kubectl =
                    new ProcessBuilder("kubectl", "kustomize", folder.toString())
                            .redirectError(errors.toFile())
                            .start();
        } catch (IOException missing) {
            throw new AssertionError(
                    "These tests need kubectl 1.27 or newer on the PATH: " + missing.getMessage());
        }
        String yaml = new String(kubectl.getInputStream().readAllBytes(), UTF_8);
        if (kubectl.waitFor() != 0) {
            throw new AssertionError(folder + ": " + Files.readString(errors));
        }
        Files.delete(errors);
        return new Rendering(folder.toString(), Manifests.parse(yaml));
    }

    List<JsonNode> ofKind(String kind) {
        return objects.stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .toList();
    }

    Optional<JsonNode> named(String kind, String name) {
        return ofKind(kind).stream()
                .filter(object -> object.at("/metadata/name").asText().equals(name))
                .findFirst();
    }

    List<Workload> workloads() {
        return objects.stream()
                .map(owner -> {
                    JsonNode job = owner.at("/spec/jobTemplate/spec/template");
                    return new Workload(
                            owner, job.isMissingNode() ? owner.at("/spec/template") : job);
                })
                .filter(workload -> !workload.template().isMissingNode())
                .toList();
    }

    /** Returns the workloads whose pods a map of labels selects. */
    List<Workload> selected(JsonNode labels) {
        Map<String, String> wanted = strings(labels);
        return workloads().stream()
                .filter(workload -> workload.labels().entrySet().containsAll(wanted.entrySet()))
                .toList();
    }

    static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new TreeMap<>();
        object.properties()
                .forEach(field -> strings.put(field.getKey(), field.getValue().asText()));
        return strings;
    }
}
