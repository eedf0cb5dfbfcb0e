package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectKeyTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", "0f/c/wal/12-3_4.x=y", "..a/b..", ".a"})
    void namesAreLegal(String name) {
        assertThat(new ObjectKey(name).value()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a,b", "ä", "a b"})
    void whatIsNoSafePathIsIllegal(String name) {
        assertThatThrownBy(() -> new ObjectKey(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {251, 1000})
    void keysLongerThanAFileNameAreIllegal(int length) {
        assertThatThrownBy(() -> new ObjectKey("a".repeat(length)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
