package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Map;
import java.util.Set;

/** The Kubernetes API: decodes objects and rejects unknown kinds, fields and types. */
final class KubernetesModel {

    private static final Map<String, Class<?>> KINDS =
            Map.ofEntries(
                    Map.entry("v1/Namespace", Namespace.class),
                    Map.entry("v1/ServiceAccount", ServiceAccount.class),
                    Map.entry("v1/ConfigMap", ConfigMap.class),
                    Map.entry("v1/Secret", Secret.class),
                    Map.entry("v1/Service", Service.class),
                    Map.entry("v1/PersistentVolumeClaim", PersistentVolumeClaim.class),
                    Map.entry("apps/v1/Deployment", Deployment.class),
                    Map.entry("apps/v1/StatefulSet", StatefulSet.class),
                    Map.entry("batch/v1/CronJob", CronJob.class),
                    Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
                    Map.entry(
                            "autoscaling/v2/HorizontalPodAutoscaler",
                            HorizontalPodAutoscaler.class),
                    Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class));

    private static final String SERVICE_MONITOR = "monitoring.coreos.com/v1/ServiceMonitor";
    private static final String POD_MONITOR = "monitoring.coreos.com/v1/PodMonitor";
    private static final String RULE = "monitoring.coreos.com/v1/PrometheusRule";

    /** The model collects unknown fields of each object, which would hide them. */
    private static final class Strict extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }

    private static final ObjectMapper STRICT =
            JsonMapper.builder()
                    .annotationIntrospector(new Strict())
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private KubernetesModel() {}

    /** Fails if an object is not one of the Kubernetes API. */
    static void check(JsonNode object) {
        String kind = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
        switch (kind) {
            case SERVICE_MONITOR -> checkServiceMonitor(object);
            case POD_MONITOR -> checkPodMonitor(object);
            case RULE -> checkRule(object);
            default -> checkKubernetes(kind, object);
        }
    }

    private static void checkKubernetes(String kind, JsonNode object) {
        Class<?> type = KINDS.get(kind);
        if (type == null) {
            throw new AssertionError("unknown kind " + kind);
        }
        try {
            STRICT.treeToValue(object, type);
        } catch (JsonProcessingException unknown) {
            throw new AssertionError(
                    kind + " " + object.at("/metadata/name").asText() + ": " + unknown.getMessage(),
                    unknown);
        }
    }

    /** The fields in use of a kind that is not part of Kubernetes itself. */
    private static void checkServiceMonitor(JsonNode monitor) {
        JsonNode spec = monitor.path("spec");
        assertThat(names(spec)).isSubsetOf("selector", "endpoints", "podTargetLabels");
        assertThat(names(spec.path("selector"))).containsExactly("matchLabels");
        assertThat(spec.path("podTargetLabels").isArray()).isTrue();
        checkEndpoints(spec.path("endpoints"));
    }

    private static void checkPodMonitor(JsonNode monitor) {
        JsonNode spec = monitor.path("spec");
        assertThat(names(spec)).containsExactlyInAnyOrder("selector", "podMetricsEndpoints");
        assertThat(names(spec.path("selector"))).containsExactly("matchLabels");
        checkEndpoints(spec.path("podMetricsEndpoints"));
    }

    private static void checkRule(JsonNode rule) {
        assertThat(names(rule.path("spec"))).containsExactly("groups");
        for (JsonNode group : rule.at("/spec/groups")) {
            assertThat(names(group)).containsExactlyInAnyOrder("name", "rules");
            assertThat(group.path("rules")).isNotEmpty();
            for (JsonNode alert : group.path("rules")) {
                assertThat(names(alert))
                        .contains("alert", "expr", "labels", "annotations")
                        .isSubsetOf("alert", "expr", "for", "labels", "annotations");
            }
        }
    }

    private static void checkEndpoints(JsonNode endpoints) {
        assertThat(endpoints).isNotEmpty();
        for (JsonNode endpoint : endpoints) {
            assertThat(names(endpoint))
                    .contains("port", "path", "interval", "scrapeTimeout")
                    .isSubsetOf("port", "path", "interval", "scrapeTimeout", "authorization");
            JsonNode authorization = endpoint.path("authorization");
            assertThat(names(authorization)).isSubsetOf("type", "credentials");
            assertThat(names(authorization.path("credentials"))).isSubsetOf("name", "key");
            assertThat(seconds(endpoint, "scrapeTimeout"))
                    .isLessThanOrEqualTo(seconds(endpoint, "interval"));
        }
    }

    private static int seconds(JsonNode endpoint, String field) {
        String text = endpoint.path(field).asText();
        assertThat(text).matches("[1-9][0-9]*s");
        return Integer.parseInt(text.substring(0, text.length() - 1));
    }

    private static Set<String> names(JsonNode object) {
        return Set.copyOf(object.properties().stream().map(Map.Entry::getKey).toList());
    }
}
