package io.millrace.kafka.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** First messages of clients that authenticate by SASL. */
class SaslFuzzTest {

    /** The first byte is the number of repetitions of the others, up to the length of a request. */
    @FuzzTest(maxDuration = "20m")
    void aTokenIsPartOfItsMessage(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        int maxRepetitions = (1 << 18) / bytes.length;
        String part =
                new String(Arrays.copyOfRange(bytes, 1, bytes.length), StandardCharsets.UTF_8);
        assertTokens(part);
        assertTokens(
                "n,,\1" + part.repeat(Math.min((bytes[0] & 0xff) << 8, maxRepetitions)) + "\1");
    }

    private static void assertTokens(String message) {
        for (SaslMechanism mechanism : SaslMechanism.values()) {
            Optional<String> token = mechanism.tokenIn(message);
            token.ifPresent(found -> assertThat(message).contains(found));
            token.ifPresent(found -> assertThat(found).isNotEmpty());
        }
    }
}
