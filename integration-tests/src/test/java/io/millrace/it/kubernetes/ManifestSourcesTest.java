package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        assertThat(Manifests.read(FOLDER.resolve("image/Dockerfile")))
                .contains(
                        "EXPOSE %s %s %s"
                                .formatted(
                                        named.get("grpc"), kafkaPort(), named.get("management")));
    }

    /** Returns the port that {@code up} opens. */
    private static int kafkaPort() {
        return ServerSettings.standalone(key ->
                        Setting.DATA.key().equals(key) ? Optional.of("data") : Optional.empty())
                .kafka()
                .flatMap(kafka -> kafka.listener(KafkaListener.INTERNAL))
                .orElseThrow()
                .port();
    }

    @Test
    void theKafkaPortIsTheDefaultOfTheServerInAllPlaces() {
        String port = Integer.toString(kafkaPort());
        List<JsonNode> objects = Manifests.parse(FOLDER.resolve("base/kafka.yaml"));
        JsonNode container =
                ofKind(objects, "StatefulSet").getFirst().at("/spec/template/spec/containers/0");
        assertThat(container.at("/ports/0/name").asText()).isEqualTo("kafka");
        assertThat(container.at("/ports/0/containerPort").asText()).isEqualTo(port);
        assertThat(Manifests.stream(container.path("env")))
                .anySatisfy(variable -> {
                    assertThat(variable.path("name").asText())
                            .isEqualTo(Setting.KAFKA_PORT.variable());
                    assertThat(variable.path("value").asText()).isEqualTo(port);
                });
        assertThat(ofKind(objects, "Service"))
                .hasSize(2)
                .allSatisfy(service ->
                        assertThat(service.at("/spec/ports/0/port").asText()).isEqualTo(port));
    }

    @Test
    void clientsReachThePortsThatNodesServe() {
        Set<String> opened = new HashSet<>();
        Set<String> reached = new HashSet<>();
        for (JsonNode policy : Manifests.parse(FOLDER.resolve("base/network-policy.yaml"))) {
            for (JsonNode rule : policy.at("/spec/ingress")) {
                if (rule.path("from").toString().contains("millrace.io/client")) {
                    rule.path("ports").forEach(port -> opened.add(port.path("port").asText()));
                }
            }
            if (policy.at("/metadata/name").asText().equals("millrace-client")) {
                Manifests.all(policy, "port").forEach(port -> reached.add(port.asText()));
            }
        }
        assertThat(opened)
                .containsExactlyInAnyOrder(
                        Setting.GRPC_PORT.defaultValue(), Integer.toString(kafkaPort()))
                .isEqualTo(reached);
    }

    /** A Kafka client connects to the name that a node advertises, so a certificate has it. */
    @Test
    void theAdvertisedNamesOfKafkaNodesAreThoseOfTheirServiceAndCertificate() {
        List<JsonNode> objects = Manifests.parse(FOLDER.resolve("base/kafka.yaml"));
        JsonNode set = ofKind(objects, "StatefulSet").getFirst();
        String service = set.at("/spec/serviceName").asText();
        String advertised =
                Manifests.stream(set.at("/spec/template/spec/containers/0/env"))
                        .filter(variable ->
                                variable.path("name")
                                        .asText()
                                        .equals(Setting.KAFKA_ADVERTISE.variable()))
                        .map(variable -> variable.path("value").asText())
                        .findFirst()
                        .orElseThrow();
        assertThat(advertised).isEqualTo("$(POD_NAME).%s.$(POD_NAMESPACE).svc".formatted(service));
        assertThat(ofKind(objects, "Service"))
                .filteredOn(each -> each.at("/metadata/name").asText().equals(service))
                .singleElement()
                .satisfies(names -> {
                    assertThat(names.at("/spec/clusterIP").asText()).isEqualTo("None");
                    assertThat(names.at("/spec/publishNotReadyAddresses").asBoolean()).isTrue();
                });
        assertThat(Manifests.read(FOLDER.resolve("README.md")))
                .contains("\"*.%s.millrace.svc\"".formatted(service));
    }

    private static List<JsonNode> ofKind(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .toList();
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
