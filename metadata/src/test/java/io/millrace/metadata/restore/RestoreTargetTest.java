package io.millrace.metadata.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RestoreTargetTest {

    @Test
    void aNumberIsAnEntryAndATimestampATime() {
        assertThat(RestoreTarget.parse("17")).isEqualTo(new RestoreTarget.Entry(17));
        assertThat(RestoreTarget.parse("2026-03-01T12:00:00Z"))
                .isEqualTo(new RestoreTarget.Time(Instant.parse("2026-03-01T12:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "yesterday", "2026-03-01", "99999999999999999999"})
    void otherTextIsRefusedWithTheLegalForms(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RestoreTarget.parse(text))
                .withMessageContaining("a time in UTC");
    }
}
