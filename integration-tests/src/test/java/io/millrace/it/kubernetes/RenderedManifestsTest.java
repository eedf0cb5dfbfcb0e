package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.it.kubernetes.Rendering.Workload;
import io.millrace.storage.TestScale;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The objects that the base, the overlays and the components render, as Kubernetes reads them. */
@Tag(TestScale.FULL)
class RenderedManifestsTest extends RenderingTest {

    @ParameterizedTest
    @MethodSource("everything")
    void everyObjectIsOneOfTheKubernetesApi(Rendering rendering) {
        assertThat(rendering.objects()).isNotEmpty().allSatisfy(KubernetesModel::check);
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyObjectIsInTheNamespaceOfTheCluster(Rendering rendering) {
        assertThat(rendering.objects())
                .allSatisfy(object -> {
                    boolean isNamespace = object.path("kind").asText().equals("Namespace");
                    String field = isNamespace ? "/metadata/name" : "/metadata/namespace";
                    assertThat(object.at(field).asText()).isEqualTo("millrace");
                });
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everySelectorSelectsPods(Rendering rendering) {
        for (JsonNode service : rendering.ofKind("Service")) {
            assertThat(rendering.selected(service.at("/spec/selector")))
                    .as(service.toString())
                    .isNotEmpty();
        }
        for (JsonNode budget : rendering.ofKind("PodDisruptionBudget")) {
            assertThat(rendering.selected(budget.at("/spec/selector/matchLabels")))
                    .as(budget.toString())
                    .hasSize(1);
        }
        for (JsonNode policy : rendering.ofKind("NetworkPolicy")) {
            JsonNode labels = policy.at("/spec/podSelector/matchLabels");
            if (!labels.has("millrace.io/client")) {
                assertThat(rendering.selected(labels)).as(policy.toString()).isNotEmpty();
            }
        }
        for (Workload workload : rendering.workloads()) {
            JsonNode selector = workload.owner().at("/spec/selector/matchLabels");
            if (!selector.isMissingNode()) {
                assertThat(rendering.selected(selector))
                        .as(workload.name())
                        .extracting(Workload::name)
                        .containsExactly(workload.name());
            }
            for (JsonNode spread : workload.spec().path("topologySpreadConstraints")) {
                assertThat(rendering.selected(spread.at("/labelSelector/matchLabels")))
                        .extracting(Workload::name)
                        .containsExactly(workload.name());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyPortOfAServiceAndOfAMonitorExists(Rendering rendering) {
        for (JsonNode service : rendering.ofKind("Service")) {
            for (JsonNode port : service.at("/spec/ports")) {
                for (Workload target : rendering.selected(service.at("/spec/selector"))) {
                    assertThat(portNames(target))
                            .as(service.at("/metadata/name").asText())
                            .contains(port.path("targetPort").asText());
                }
            }
        }
        for (JsonNode monitor : rendering.ofKind("ServiceMonitor")) {
            assertThat(rendering.ofKind("Service"))
                    .filteredOn(service ->
                            Rendering.strings(service.at("/metadata/labels"))
                                    .entrySet()
                                    .containsAll(
                                            Rendering.strings(
                                                            monitor.at(
                                                                    "/spec/selector/matchLabels"))
                                                    .entrySet()))
                    .singleElement()
                    .satisfies(service ->
                            assertThat(service.at("/spec/ports/0/name"))
                                    .isEqualTo(monitor.at("/spec/endpoints/0/port")));
        }
    }

    /** A pod of a StatefulSet has a name only with the Service that the set names. */
    @ParameterizedTest
    @MethodSource("everything")
    void everyStatefulSetHasItsHeadlessService(Rendering rendering) {
        for (JsonNode set : rendering.ofKind("StatefulSet")) {
            String name = set.at("/spec/serviceName").asText();
            JsonNode service = rendering.named("Service", name).orElseThrow();
            assertThat(service.at("/spec/clusterIP").asText()).as(name).isEqualTo("None");
            assertThat(rendering.selected(service.at("/spec/selector")))
                    .extracting(Workload::name)
                    .contains("StatefulSet/" + set.at("/metadata/name").asText());
        }
    }

    /** A policy that names the port of no pod it opens has a wrong port. */
    @ParameterizedTest
    @MethodSource("overlays")
    void everyPortOfANodeThatClientsReachIsOpenInThePolicies(Rendering rendering) {
        if (rendering.ofKind("NetworkPolicy").isEmpty()) {
            return;
        }
        for (JsonNode service : rendering.ofKind("Service")) {
            for (Workload target : rendering.selected(service.at("/spec/selector"))) {
                Set<String> opened =
                        rendering.ofKind("NetworkPolicy").stream()
                                .filter(policy ->
                                        rendering
                                                .selected(
                                                        policy.at("/spec/podSelector/matchLabels"))
                                                .contains(target))
                                .flatMap(policy ->
                                        Manifests.all(policy.at("/spec/ingress"), "port").stream())
                                .map(JsonNode::asText)
                                .collect(Collectors.toSet());
                for (JsonNode port : service.at("/spec/ports")) {
                    assertThat(opened)
                            .as(service.at("/metadata/name").asText())
                            .contains(
                                    containerPort(target, port.path("targetPort").asText())
                                            .orElseThrow());
                }
            }
        }
    }

    private static Optional<String> containerPort(Workload workload, String name) {
        return workload.containers().stream()
                .flatMap(container -> Manifests.stream(container.path("ports")))
                .filter(port -> port.path("name").asText().equals(name))
                .map(port -> port.path("containerPort").asText())
                .findFirst();
    }

    private static Set<String> portNames(Workload workload) {
        return workload.containers().stream()
                .flatMap(container -> Manifests.stream(container.path("ports")))
                .map(port -> port.path("name").asText())
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyAutoscalerHasAWorkloadWithoutANumberOfReplicas(Rendering rendering) {
        for (JsonNode scaler : rendering.ofKind("HorizontalPodAutoscaler")) {
            String target = scaler.at("/spec/scaleTargetRef/name").asText();
            String kind = scaler.at("/spec/scaleTargetRef/kind").asText();
            JsonNode scaled = rendering.named(kind, target).orElseThrow();
            assertThat(scaled.at("/spec/replicas").isMissingNode()).as(target).isTrue();
            assertThat(rendering.named("PodDisruptionBudget", target)).as(target).isPresent();
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyReferenceToAnotherObjectResolves(Rendering rendering) {
        for (Workload workload : rendering.workloads()) {
            JsonNode spec = workload.spec();
            for (JsonNode config : Manifests.all(spec, "configMapRef")) {
                String name = config.path("name").asText();
                assertThat(rendering.named("ConfigMap", name)).as(name).isPresent();
            }
            for (JsonNode claim : Manifests.all(spec, "claimName")) {
                String name = claim.asText();
                assertThat(rendering.named("PersistentVolumeClaim", name)).as(name).isPresent();
            }
            for (JsonNode account : Manifests.all(spec, "serviceAccountName")) {
                String name = account.asText();
                assertThat(rendering.named("ServiceAccount", name)).as(name).isPresent();
            }
            Set<String> volumes = new TreeSet<>();
            spec.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
            workload.owner()
                    .at("/spec/volumeClaimTemplates")
                    .forEach(claim -> volumes.add(claim.at("/metadata/name").asText()));
            for (JsonNode mounts : Manifests.all(spec, "volumeMounts")) {
                mounts.forEach(mount ->
                        assertThat(volumes)
                                .as(workload.name())
                                .contains(mount.path("name").asText()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void credentialsComeFromASecretThatExistsOrThatTheGuideCreates(Rendering rendering) {
        String guide = Manifests.read(Manifests.folder().resolve("README.md"));
        for (Workload workload : rendering.workloads()) {
            for (String field : List.of("secretRef", "secretKeyRef")) {
                for (JsonNode secret : Manifests.all(workload.spec(), field)) {
                    String name = secret.path("name").asText();
                    assertThat(
                                    rendering.named("Secret", name).isPresent()
                                            || guide.contains("create secret generic " + name))
                            .as(workload.name() + ": " + name)
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void mountedSecretsExistOrTheGuideCreatesThem(Rendering rendering) {
        String guide = Manifests.read(Manifests.folder().resolve("README.md"));
        for (Workload workload : rendering.workloads()) {
            for (JsonNode secret : Manifests.all(workload.spec(), "secretName")) {
                String name = secret.asText();
                assertThat(
                                rendering.named("Secret", name).isPresent()
                                        || guide.contains("create secret generic " + name))
                        .as(workload.name() + ": " + name)
                        .isTrue();
            }
        }
    }

    @Test
    void onlyTheLocalOverlayIsOpen() {
        for (Rendering rendering : overlays()) {
            assertThat(rendering.ofKind("ConfigMap"))
                    .as("settings of " + rendering.name())
                    .anySatisfy(settings ->
                            assertThat(settings.path("data").has("MILLRACE_TLS_CERTIFICATE"))
                                    .isNotEqualTo(rendering.name().endsWith("local")));
            assertThat(rendering.named("NetworkPolicy", "default-deny").isPresent())
                    .as(rendering.name())
                    .isNotEqualTo(rendering.name().endsWith("local"));
        }
    }
}
