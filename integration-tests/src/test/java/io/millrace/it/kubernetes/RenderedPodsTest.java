package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.millrace.it.kubernetes.Rendering.Workload;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.server.settings.ListenerSettings;
import io.millrace.server.settings.LogLocation;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.Setting;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pods that the base, the overlays and the components render: rights, resources, settings. */
@Tag(TestScale.FULL)
class RenderedPodsTest extends RenderingTest {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Z_]+)\\)");

    @ParameterizedTest
    @MethodSource("everything")
    void noPodHasMoreRightsThanItNeeds(Rendering rendering) {
        for (Workload workload : rendering.workloads()) {
            JsonNode spec = workload.spec();
            assertThat(spec.path("automountServiceAccountToken").asBoolean(true))
                    .as(workload.name())
                    .isFalse();
            assertThat(spec.at("/securityContext/runAsNonRoot").asBoolean())
                    .as(workload.name())
                    .isTrue();
            assertThat(spec.at("/securityContext/runAsUser").asInt())
                    .as(workload.name())
                    .isPositive();
            assertThat(spec.at("/securityContext/seccompProfile/type").asText())
                    .as(workload.name())
                    .isEqualTo("RuntimeDefault");
            for (JsonNode container : workload.containers()) {
                JsonNode rights = container.path("securityContext");
                assertThat(rights.path("readOnlyRootFilesystem").asBoolean())
                        .as(workload.name())
                        .isTrue();
                assertThat(rights.path("allowPrivilegeEscalation").asBoolean(true))
                        .as(workload.name())
                        .isFalse();
                assertThat(rights.at("/capabilities/drop/0").asText())
                        .as(workload.name())
                        .isEqualTo("ALL");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyContainerHasResourcesAndAPinnedImage(Rendering rendering) {
        for (Workload workload : rendering.workloads()) {
            for (JsonNode container : workload.containers()) {
                JsonNode resources = container.path("resources");
                assertThat(resources.at("/requests/cpu").asText()).as(workload.name()).isNotEmpty();
                assertThat(bytes(resources.at("/requests/memory")))
                        .as(workload.name())
                        .isPositive()
                        .isLessThanOrEqualTo(bytes(resources.at("/limits/memory")));
                assertThat(container.path("image").asText())
                        .as(workload.name())
                        .matches("[a-z0-9./-]+:[A-Za-z0-9._-]+")
                        .doesNotEndWith(":latest");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyServerHasProbesAtItsPorts(Rendering rendering) {
        for (Workload workload : rendering.workloads()) {
            if (workload.owner().path("kind").asText().equals("CronJob")) {
                continue;
            }
            JsonNode container = workload.spec().at("/containers/0");
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                String port = container.path(probe).at("/httpGet/port").asText();
                assertThat(Manifests.stream(container.path("ports")))
                        .as(workload.name() + " " + probe)
                        .anySatisfy(each -> assertThat(each.path("name").asText()).isEqualTo(port));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void theMemoryLimitOfANodeIsEnoughForItsProcess(Rendering rendering) throws Exception {
        for (Workload workload : rendering.workloads()) {
            if (workload.isMillrace()) {
                JsonNode container = workload.spec().at("/containers/0");
                long limit = bytes(container.at("/resources/limits/memory"));
                assertThat(limit)
                        .as(workload.name())
                        .isEqualTo(bytes(container.at("/resources/requests/memory")));
                assertThat(ServerFlags.of(Map.of("MILLRACE_MEMORY_LIMIT", "" + limit)).totalBytes())
                        .as(workload.name())
                        .isLessThan(limit);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theSettingsOfEveryNodeAreValid(Rendering rendering) {
        for (Workload workload : rendering.workloads()) {
            if (!workload.isMillrace()) {
                continue;
            }
            Map<String, String> variables = environment(rendering, workload);
            ServerSettings settings =
                    ServerSettings.node(key ->
                            Arrays.stream(Setting.values())
                                    .filter(setting -> setting.key().equals(key))
                                    .findFirst()
                                    .flatMap(setting ->
                                            Optional.ofNullable(
                                                    variables.get(setting.variable()))));
            LogLocation.Cluster place = (LogLocation.Cluster) settings.log();
            assertThat(place.etcd().endpoints()).isNotEmpty();
            settings.tls()
                    .flatMap(tls -> tls.files().own())
                    .ifPresent(files ->
                            assertThat(workload.spec().at("/containers/0/volumeMounts"))
                                    .as(workload.name())
                                    .anySatisfy(mount ->
                                            assertThat(files.key())
                                                    .startsWithRaw(
                                                            Path.of(
                                                                    mount.path("mountPath")
                                                                            .asText()))));
            if (workload.labels().containsKey("millrace.io/node")) {
                assertThat(place.advertised().orElseThrow().host()).isEqualTo("10.0.0.1");
                assertThat(place.zone()).isEqualTo("zone-a");
                assertThat(settings.host()).isEqualTo("0.0.0.0");
                checkKafka(workload, settings);
                assertThat(settings.drainTimeout().toSeconds() + 20)
                        .isLessThan(workload.spec().path("terminationGracePeriodSeconds").asInt());
            }
        }
    }

    /** A node has a Kafka port if its pod has one, and advertises the name of the pod. */
    private static void checkKafka(Workload workload, ServerSettings settings) {
        Optional<JsonNode> port =
                Manifests.stream(workload.spec().at("/containers/0/ports"))
                        .filter(each -> each.path("name").asText().equals("kafka"))
                        .findFirst();
        assertThat(internal(settings).map(ListenerSettings::port))
                .as(workload.name())
                .isEqualTo(port.map(each -> each.path("containerPort").asInt()));
        internal(settings)
                .ifPresent(kafka ->
                        assertThat(kafka.advertised().orElseThrow().host())
                                .isEqualTo(
                                        "millrace-0.%s.millrace.svc"
                                                .formatted(
                                                        workload.owner()
                                                                .at("/spec/serviceName")
                                                                .asText())));
    }

    private static Optional<ListenerSettings> internal(ServerSettings settings) {
        return settings.kafka().flatMap(kafka -> kafka.listener(KafkaListener.INTERNAL));
    }

    /** Returns the environment variables of a pod's first container, as Kubernetes sets them. */
    private static Map<String, String> environment(Rendering rendering, Workload workload) {
        Map<String, String> variables = new HashMap<>();
        JsonNode container = workload.spec().at("/containers/0");
        for (JsonNode source : container.path("envFrom")) {
            Optional<JsonNode> config =
                    rendering.named("ConfigMap", source.at("/configMapRef/name").asText());
            config.ifPresent(map -> variables.putAll(Rendering.strings(map.path("data"))));
        }
        for (JsonNode variable : container.path("env")) {
            String field = variable.at("/valueFrom/fieldRef/fieldPath").asText();
            variables.put(
                    variable.path("name").asText(),
                    switch (field) {
                        case "" -> expanded(variable.path("value").asText(), variables);
                        case "status.podIP" -> "10.0.0.1";
                        case "metadata.name" -> "millrace-0";
                        case "metadata.namespace" -> "millrace";
                        case "metadata.labels['topology.kubernetes.io/zone']",
                                "metadata.annotations['topology.kubernetes.io/zone']" ->
                                "zone-a";
                        default -> throw new AssertionError("unknown field " + field);
                    });
        }
        return variables;
    }

    /** Replaces {@code $(NAME)} by the variables that stand before the value. */
    private static String expanded(String value, Map<String, String> before) {
        return REFERENCE
                .matcher(value)
                .replaceAll(reference -> {
                    String name = reference.group(1);
                    assertThat(before).containsKey(name);
                    return Matcher.quoteReplacement(before.get(name));
                });
    }

    private static long bytes(JsonNode quantity) {
        return Quantity.getAmountInBytes(new Quantity(quantity.asText())).longValueExact();
    }
}
