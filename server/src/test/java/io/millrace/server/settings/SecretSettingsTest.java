package io.millrace.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets among the settings are in no text that the server prints. */
class SecretSettingsTest {

    private static final String SECRET = "hunter2";

    /** Returns the settings that the documentation marks as secrets. */
    private static List<Setting> secrets() throws Exception {
        String document = Files.readString(Path.of("../docs/configuration.md"));
        return Arrays.stream(Setting.values())
                .filter(setting ->
                        document.lines()
                                .anyMatch(line ->
                                        line.startsWith("| `" + setting.key() + "`")
                                                && line.contains("| secret |")))
                .toList();
    }

    @Test
    void aSecretIsNoOptionOfACommand() throws Exception {
        assertThat(secrets())
                .contains(Setting.ETCD_PASSWORD)
                .allSatisfy(setting -> assertThat(setting.flag()).isEmpty());
        assertThat(Stream.of(Setting.values()))
                .filteredOn(setting -> setting.key().matches(".*(password|secret)"))
                .isSubsetOf(secrets());
    }

    @Test
    void theSettingsDoNotShowASecret() throws Exception {
        Map<String, String> all = clustered();
        all.put("millrace.etcd-user", "me");
        for (Setting setting : secrets()) {
            all.put(setting.key(), SECRET);
        }

        assertThat(node(all).toString()).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"millrace.etcd", "millrace.s3-endpoint"})
    void anAddressWithAPasswordIsRefusedAndNotRepeated(String key) {
        Map<String, String> all = clustered();
        all.put(key, "http://me:" + SECRET + "@localhost:2379");

        assertThatThrownBy(() -> node(all))
                .isInstanceOf(ServerSettings.InvalidSettingException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("remove the user")
                .message()
                .doesNotContain(SECRET);
    }

    private static Map<String, String> clustered() {
        Map<String, String> all = new HashMap<>();
        all.put("millrace.etcd", "http://localhost:2379");
        all.put("millrace.bucket", "s3://logs");
        return all;
    }

    private static ServerSettings node(Map<String, String> all) {
        return ServerSettings.node(key -> Optional.ofNullable(all.get(key)));
    }
}
