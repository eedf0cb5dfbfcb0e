package io.millrace.protocol.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProblemTest {

    @Test
    void aMessageWithAHugeNameIsCutBetweenCharacters() {
        String message =
                new Problem(Reason.UNKNOWN_GROUP, "x" + "\ud83d\ude00".repeat(1 << 20)).message();

        assertThat(message)
                .hasSizeLessThanOrEqualTo(Problem.MAX_MESSAGE_CHARS)
                .endsWith("\ude00...");
    }
}
