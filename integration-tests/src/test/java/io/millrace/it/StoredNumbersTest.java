package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Tests that the checks detect violations. */
final class StoredNumbersTest {

    private static StoredNumbers numbers(List<Long> sent, Long... stored) {
        return new StoredNumbers("topic", List.of(sent), List.of(List.of(stored)));
    }

    @Test
    void acceptsWhatIsStoredOnceAndInOrder() {
        assertThatCode(() -> numbers(List.of(0L, 1L, -1L), 0L, 1L, 2L).checkExactlyOnce())
                .doesNotThrowAnyException();
    }

    @Test
    void detectsALostRecord() {
        StoredNumbers lost = numbers(List.of(0L, 1L, 2L), 0L, 2L);

        assertThatThrownBy(lost::checkExactlyOnce).hasMessageContaining("records of partition 0");
        assertThatThrownBy(() -> lost.checkAtLeastOnce(OptionalLong.of(10)))
                .hasMessageContaining("records of partition 0");
    }

    @Test
    void detectsADoubledRecord() {
        StoredNumbers doubled = numbers(List.of(0L, 1L), 0L, 1L, 1L);

        assertThatThrownBy(doubled::checkExactlyOnce)
                .hasMessageContaining("records of partition 0");
        assertThatCode(() -> doubled.checkAtLeastOnce(OptionalLong.of(1)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> doubled.checkAtLeastOnce(OptionalLong.of(0)))
                .hasMessageContaining("doubled records");
    }

    @Test
    void detectsAWrongOrder() {
        assertThatThrownBy(() -> numbers(List.of(1L, 0L), 1L, 0L).checkExactlyOnce())
                .hasMessageContaining("records of partition 0");
    }

    @Test
    void detectsAWrongOffset() {
        assertThatThrownBy(() -> numbers(List.of(0L, 0L), 0L, 1L).checkExactlyOnce())
                .hasMessageContaining("offset of record 1");
        assertThatThrownBy(
                        () -> numbers(List.of(0L, 0L), 0L, 1L).checkAtLeastOnce(OptionalLong.of(0)))
                .hasMessageContaining("offset 0 in partition 0");
    }
}
