package io.millrace.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.runtime.log.LogFields;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.Test;

class JsonLogFormatterTest {

    private final JsonLogFormatter formatter = new JsonLogFormatter();

    private JsonNode formatted(ExtLogRecord record) throws Exception {
        String line = formatter.format(record);
        assertThat(line).endsWith("}\n").hasLineCount(1);
        return new ObjectMapper().readTree(line);
    }

    private static ExtLogRecord record(String message, Object... arguments) {
        ExtLogRecord record =
                new ExtLogRecord(
                        Level.WARNING, message, ExtLogRecord.FormatStyle.PRINTF, "the.Logger");
        record.setParameters(arguments);
        record.setLoggerName("io.millrace.A");
        return record;
    }

    @Test
    void aLineHasItsMessageAndWhereItComesFrom() throws Exception {
        JsonNode line = formatted(record("Object %s is lost", "wal/1"));
        assertThat(line.path("message").asText()).isEqualTo("Object wal/1 is lost");
        assertThat(line.path("level").asText()).isEqualTo("WARNING");
        assertThat(line.path("logger").asText()).isEqualTo("io.millrace.A");
        assertThat(line.path("thread").asText()).isEqualTo(Thread.currentThread().getName());
        assertThat(line.path("timestamp").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
        assertThat(line.has("stack")).isFalse();
    }

    @Test
    void theFieldsOfTheLineAreFieldsOfTheObject() throws Exception {
        ExtLogRecord record = record("m");
        LogFields.topic("a \"topic\"").partition(7).log(record::copyMdc);
        JsonNode line = formatted(record);
        assertThat(line.path("topic").asText()).isEqualTo("a \"topic\"");
        assertThat(line.path("partition").asText()).isEqualTo("7");
    }

    @Test
    void aFieldCannotReplaceTheMessage() throws Exception {
        ExtLogRecord record = record("m");
        record.putMdc("message", "other");
        assertThat(formatter.format(record)).containsOnlyOnce("\"message\"");
        assertThat(formatted(record).path("message").asText()).isEqualTo("m");
    }

    @Test
    void anyTextIsLegalJson() throws Exception {
        String text = "\"\\\n\r\t\b\u0000\u001f é 😀 " + '\ud800' + "x" + '\udc00';
        JsonNode line = formatted(record("%s", text));
        assertThat(line.path("message").asText()).isEqualTo(text);
    }

    @Test
    void anExceptionIsOneField() throws Exception {
        ExtLogRecord record = record("m");
        record.setThrown(new IllegalStateException("why"));
        assertThat(formatted(record).path("stack").asText())
                .contains("java.lang.IllegalStateException: why")
                .contains("\tat io.millrace.server.log.JsonLogFormatterTest");
    }
}
