package io.millrace.protocol.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProblemTest {

    @Test
    void textFromARequestIsCutOff() {
        String name = "x".repeat(16 << 20);
        Problem problem =
                new Problem(
                        Reason.UNKNOWN_TOPIC,
                        "There is no topic %s.".formatted(name),
                        Map.of("topic", name));
        assertThat(problem.message()).startsWith("There is no topic xxx").endsWith("x…");
        assertThat(problem.toStatus().getSerializedSize()).isLessThan(3_000);
        assertThat(Problem.fromStatus(problem.toStatus())).contains(problem);
    }

    @Test
    void noCharacterIsCutInTwo() {
        Problem problem = new Problem(Reason.UNKNOWN_TOPIC, "😀".repeat(Problem.MAX_MESSAGE_CHARS));
        assertThat(problem.message()).endsWith("😀…");
    }

    @Test
    void aShortTextIsKept() {
        Problem problem = new Problem(Reason.UNKNOWN_TOPIC, "None.", Map.of("topic", "t"));
        assertThat(problem.message()).isEqualTo("None.");
        assertThat(problem.details()).containsExactly(Map.entry("topic", "t"));
    }
}
