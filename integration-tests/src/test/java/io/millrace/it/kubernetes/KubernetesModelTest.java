package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The check of the manifests finds what Kubernetes would reject or ignore. */
class KubernetesModelTest {

    private static final String SERVICE =
            """
            apiVersion: v1
            kind: Service
            metadata:
              name: s
            spec:
              ports:
                - name: grpc
                  port: 9090
                  targetPort: grpc
            """;

    @Test
    void anObjectOfTheApiIsAccepted() {
        assertThatCode(() -> check(SERVICE)).doesNotThrowAnyException();
    }

    @Test
    void anUnknownFieldAtAnyDepthIsAnError() {
        assertThatThrownBy(() -> check(SERVICE.replace("targetPort", "targetport")))
                .hasMessageContaining("targetport");
        assertThatThrownBy(() -> check(SERVICE.replace("metadata", "metaData")))
                .hasMessageContaining("metaData");
    }

    @Test
    void aValueOfAnotherTypeIsAnError() {
        assertThatThrownBy(() -> check(SERVICE.replace("port: 9090", "port: many")))
                .hasMessageContaining("many");
    }

    @Test
    void anUnknownKindIsAnError() {
        assertThatThrownBy(() -> check(SERVICE.replace("kind: Service", "kind: Services")))
                .hasMessage("unknown kind v1/Services");
    }

    @Test
    void aKeyThatOccursTwiceIsAnError() {
        assertThatThrownBy(() -> check(SERVICE + "kind: Service\n"))
                .hasMessageContaining("duplicate key kind");
    }

    private static void check(String yaml) {
        KubernetesModel.check(Manifests.parse(yaml).getFirst());
    }
}
