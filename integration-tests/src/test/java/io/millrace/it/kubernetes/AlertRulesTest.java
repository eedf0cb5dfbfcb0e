package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.storage.TestScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts in Prometheus's own check and its simulation of alerts.test.yaml. */
@Tag(TestScale.FULL)
class AlertRulesTest {

    @TempDir Path folder;

    /** Writes the rules as promtool reads them: without the object around them. JSON is YAML. */
    @BeforeEach
    void write() throws Exception {
        JsonNode rules =
                Manifests.parse(Manifests.folder().resolve("components/monitoring/alerts.yaml"))
                        .getFirst();
        Files.writeString(folder.resolve("alerts.yaml"), rules.path("spec").toString());
        Files.copy(
                Path.of("src/test/resources/alerts.test.yaml"),
                folder.resolve("alerts.test.yaml"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void theRulesAreLegal() throws Exception {
        assertThat(Promtool.run(folder, "check", "rules", "alerts.yaml")).contains("SUCCESS");
    }

    @Test
    void alertsFireWhenTheyShouldAndOnlyThen() throws Exception {
        assertThat(Promtool.run(folder, "test", "rules", "alerts.test.yaml")).contains("SUCCESS");
    }
}
