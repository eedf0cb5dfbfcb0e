package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.server.settings.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The source files of the manifests, as far as they can be checked without kubectl. */
class ManifestSourcesTest {

    /** Variables of {@code k8s/image/millrace}, which are not settings of the server. */
    private static final Set<String> OF_THE_IMAGE =
            Set.of("MILLRACE_MEMORY_LIMIT", "MILLRACE_CPUS", "MILLRACE_JAVA_OPTS");

    private static final Path FOLDER = Manifests.folder();

    @Test
    void everyYamlFileParses() throws Exception {
        assertThat(yamlFiles())
                .hasSizeGreaterThan(20)
                .allSatisfy(file -> assertThat(Manifests.parse(file)).isNotEmpty());
    }

    @Test
    void everyFileIsReferencedAndEveryReferenceExists() throws Exception {
        Set<Path> referenced = new HashSet<>();
        for (String kind : List.of("base", "components", "overlays")) {
            for (Path folder : Manifests.kustomizations(kind)) {
                referenced.add(folder.resolve("kustomization.yaml"));
                references(folder)
                        .forEach(path -> {
                            assertThat(path).exists();
                            referenced.add(path);
                        });
            }
        }
        String guide = Manifests.read(FOLDER.resolve("README.md"));
        for (String kind : List.of("base", "components", "overlays")) {
            for (Path file : Manifests.filesOf(FOLDER.resolve(kind))) {
                boolean inGuide = guide.contains(FOLDER.relativize(file).toString());
                assertThat(referenced.contains(file) || inGuide).as(file.toString()).isTrue();
            }
            for (Path folder : Manifests.kustomizations(kind)) {
                assertThat(guide).contains("`" + FOLDER.relativize(folder) + "`");
            }
        }
    }

    private static List<Path> references(Path folder) {
        JsonNode root = Manifests.parse(folder.resolve("kustomization.yaml")).getFirst();
        List<JsonNode> names = new ArrayList<>();
        root.path("resources").forEach(names::add);
        root.path("components").forEach(names::add);
        root.path("patches").forEach(patch -> names.add(patch.path("path")));
        for (String field : List.of("envs", "files")) {
            Manifests.all(root, field).forEach(list -> list.forEach(names::add));
        }
        return names.stream()
                .filter(JsonNode::isTextual)
                .map(name -> folder.resolve(name.asText()).normalize())
                .toList();
    }

    @Test
    void everyVariableIsASettingOfTheServerOrOfTheImage() throws Exception {
        Set<String> known =
                Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
        known.addAll(OF_THE_IMAGE);
        assertThat(variables().keySet())
                .filteredOn(name -> name.startsWith("MILLRACE_"))
                .isNotEmpty()
                .isSubsetOf(known);
        String image = Manifests.read(FOLDER.resolve("image/millrace"));
        String flags = Manifests.read(Manifests.root().resolve(".mvn/java-flags.sh"));
        assertThat(OF_THE_IMAGE).allSatisfy(name -> assertThat(image + flags).contains(name));
    }

    /** Returns the variables in all files, each with its literal value or an empty text. */
    private static Map<String, String> variables() throws Exception {
        Map<String, String> variables = new HashMap<>();
        for (Path file : Manifests.filesOf(FOLDER)) {
            if (file.toString().endsWith(".env")) {
                variables.putAll(Manifests.variables(file));
            }
        }
        for (Path file : yamlFiles()) {
            for (JsonNode document : Manifests.parse(file)) {
                for (JsonNode list : Manifests.all(document, "env")) {
                    list.forEach(variable ->
                            variables.put(
                                    variable.path("name").asText(),
                                    variable.path("value").asText()));
                }
            }
        }
        return variables;
    }

    @Test
    void thePortsAreTheDefaultsOfTheServer() {
        JsonNode ports =
                Manifests.parse(FOLDER.resolve("base/node.patch.yaml"))
                        .getFirst()
                        .at("/spec/template/spec/containers/0/ports");
        Map<String, String> named = new HashMap<>();
        ports.forEach(
                port -> named.put(port.path("name").asText(), port.path("containerPort").asText()));
        assertThat(named)
                .isEqualTo(
                        Map.of(
                                "grpc", Setting.GRPC_PORT.defaultValue(),
                                "management", Setting.MANAGEMENT_PORT.defaultValue()));
    }

    @Test
    void thePathsOfTheProbesAreDocumented() {
        String documented = Manifests.read(Manifests.root().resolve("docs/configuration.md"));
        JsonNode patch = Manifests.parse(FOLDER.resolve("base/node.patch.yaml")).getFirst();
        assertThat(Manifests.all(patch, "path"))
                .hasSize(3)
                .allSatisfy(path -> assertThat(documented).contains("`" + path.asText() + "`"));
    }

    @Test
    void everyImageHasAVersionAndThatOfMillraceIsOurs() throws Exception {
        String version = version();
        for (Path file : yamlFiles()) {
            for (JsonNode document : Manifests.parse(file)) {
                for (JsonNode image : Manifests.all(document, "image")) {
                    assertThat(image.asText()).as(file.toString()).matches("[^:@]+:[^:@]+");
                    if (image.asText().startsWith("millrace")) {
                        assertThat(image.asText()).isEqualTo("millrace:" + version);
                    }
                }
                for (JsonNode tag : Manifests.all(document, "newTag")) {
                    assertThat(tag.asText()).as(file.toString()).isEqualTo(version);
                }
            }
        }
        assertThat(Manifests.read(FOLDER.resolve("image/Dockerfile")))
                .contains("ARG VERSION=" + version);
    }

    private static String version() {
        Matcher version =
                Pattern.compile("<artifactId>millrace</artifactId>\\s*<version>([^<]+)</version>")
                        .matcher(Manifests.read(Manifests.root().resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    @Test
    void theDockerfileCopiesWhatTheBuildLaysOut() {
        String build = Manifests.read(FOLDER.resolve("image/build"));
        String dockerfile = Manifests.read(FOLDER.resolve("image/Dockerfile"));
        assertThat(Stream.of("runtime", "app", "bin", "LICENSE", "NOTICE", "sbom.json"))
                .allSatisfy(name -> {
                    assertThat(build).contains(name);
                    assertThat(dockerfile).containsPattern("COPY .*\\b" + Pattern.quote(name));
                });
        assertThat(dockerfile).contains("USER 65532:65532").doesNotContain("RUN ");
        assertThat(Files.isExecutable(FOLDER.resolve("image/build"))).isTrue();
    }

    private static List<Path> yamlFiles() throws Exception {
        return Manifests.filesOf(FOLDER).stream()
                .filter(file -> file.toString().endsWith(".yaml"))
                .toList();
    }
}
