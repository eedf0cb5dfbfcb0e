package io.millrace.metadata.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestKeyTest {

    @Test
    void aKeyIsParsedToTheSameIdentity() {
        ManifestKey key = new ManifestKey(2, 17, 1_234_567, -1);

        assertThat(key.key("logs").value())
                .isEqualTo(
                        "manifest/logs/0000000000000002-0000000000000017-0000000001234567-ffffffffffffffff");
        assertThat(ManifestKey.parse(key.key("logs"), "logs")).isEqualTo(Optional.of(key));
        assertThat(ManifestKey.parse(key.key("logs"), "log")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "manifest/logs/",
                "manifest/logs/2-17-1-ffffffffffffffff",
                "manifest/logs/0000000000000002-0000000000000017-0000000000000001-FFFFFFFFFFFFFFFF",
                "manifest/logs/0000000000000002-0000000000000017-99999999999999999999-ffffffffffffffff",
                "00/logs/meta/checkpoint-0000000000000001-ffffffffffffffff"
            })
    void otherNamesAreNoCopies(String name) {
        assertThat(ManifestKey.parse(name, "logs")).isEmpty();
    }

    @Test
    void aLaterGenerationIsNewerThanALongerLog() {
        List<ManifestKey> byAge =
                List.of(
                        new ManifestKey(1, 5, 10, 9),
                        new ManifestKey(1, 5, 20, 1),
                        new ManifestKey(1, 6, 10, 1),
                        new ManifestKey(2, 3, 5, 1));

        assertThat(byAge.reversed().stream().sorted()).isEqualTo(byAge);
    }
}
