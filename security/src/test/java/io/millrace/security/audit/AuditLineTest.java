package io.millrace.security.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AuditLineTest {

    private static AuditEvent event(String resource, String detail, long suppressed) {
        return new AuditEvent(
                1_700_000_000_042L,
                "User:alice",
                "10.0.0.1",
                "millrace.v1.Admin/DeleteTopic",
                resource,
                "NOT_AUTHORIZED",
                detail,
                suppressed);
    }

    @Test
    void anEventIsOneLineOfJson() {
        assertThat(AuditLine.of(event("TOPIC orders", "no \"right\"", 3)))
                .isEqualTo(
                        "{\"time\":\"2023-11-14T22:13:20.042Z\",\"principal\":\"User:alice\","
                                + "\"host\":\"10.0.0.1\",\"method\":\"millrace.v1.Admin/DeleteTopic\","
                                + "\"resource\":\"TOPIC orders\",\"result\":\"NOT_AUTHORIZED\","
                                + "\"detail\":\"no \\\"right\\\"\",\"suppressed\":3}\n");
    }

    @Test
    void namesCannotForgeALine() {
        String line = AuditLine.of(event("TOPIC a\r\n{\"time\":0}\u2028\u0000\\\uD800", "", 0));
        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        assertThat(line)
                .contains("TOPIC a\\r\\n{\\\"time\\\":0}\\u2028\\u0000\\\\\\ud800\"")
                .doesNotContain("detail", "suppressed");
    }

    @Test
    void longTextsAreCutOff() {
        assertThat(AuditLine.of(event("x".repeat(100_000), "y".repeat(100_000), 0)).length())
                .isLessThan(3 * AuditEvent.MAX_TEXT_CHARS);
    }
}
