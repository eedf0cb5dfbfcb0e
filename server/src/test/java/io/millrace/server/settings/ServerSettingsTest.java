package io.millrace.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerSettingsTest {

    @Test
    void nothingNeedsToBeSet() {
        ServerSettings settings = from(Map.of());
        assertThat(settings.grpcPort()).isEqualTo(9090);
        assertThat(settings.bucket()).hasToString("file:millrace-data/bucket");
        assertThat(settings.s3Endpoint()).isEmpty();
    }

    @Test
    void theBucketOfAFolderFollowsTheDataFolder() {
        assertThat(from(Map.of("millrace.data", "/x")).bucket()).hasToString("file:/x/bucket");
        assertThat(from(Map.of("millrace.bucket", "s3://my-bucket")).bucket())
                .isEqualTo(new BucketAddress.S3("my-bucket"));
    }

    @ParameterizedTest
    @CsvSource({
        "millrace.grpc-port, 65536, --grpc-port",
        "millrace.http-port, many, --http-port",
        "millrace.bucket, ftp://x, --bucket",
        "millrace.bucket, s3://Not_Legal, --bucket",
        "millrace.s3-endpoint, nowhere, --s3-endpoint",
        "millrace.profile, quick, --profile",
        "millrace.cluster, Über, millrace.cluster",
        "millrace.drain-timeout-ms, -1, millrace.drain-timeout-ms",
        "millrace.ingest-memory-percent, 60, millrace.ingest-memory-percent",
    })
    void aWrongValueIsRefusedByName(String key, String value, String named) {
        assertThatThrownBy(() -> from(Map.of(key, value)))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(named)
                .hasMessageEndingWith(".");
    }

    @Test
    void everySettingIsDocumented() throws IOException {
        String document = Files.readString(Path.of("../docs/configuration.md"));
        for (Setting setting : Setting.values()) {
            String row =
                    "| `%s` | %s | `%s` | `%s` |"
                            .formatted(
                                    setting.key(),
                                    setting.flag().isEmpty() ? "" : "`" + setting.flag() + "`",
                                    setting.variable(),
                                    setting.fallback());
            assertThat(document).contains(row.replace("|  |", "| |"));
        }
        long rows = document.lines().filter(line -> line.startsWith("| `millrace.")).count();
        assertThat(rows).as("rows of settings").isEqualTo(Setting.values().length);
    }

    private static ServerSettings from(Map<String, String> given) {
        return ServerSettings.from(key -> Optional.ofNullable(given.get(key)));
    }
}
