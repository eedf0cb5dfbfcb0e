package io.millrace.kafka.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Messages of clients that authenticate by SASL. */
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
        for (Optional<String> token :
                List.of(SaslMechanism.passwordIn(message), SaslMechanism.bearerIn(message))) {
            token.ifPresent(found -> assertThat(message).contains(found));
            token.ifPresent(found -> assertThat(found).isNotEmpty());
        }
    }

    /** The first byte is the length of the nonce. */
    @FuzzTest(maxDuration = "20m")
    void theMessagesOfScramAreParsedOrRefused(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        String message =
                new String(Arrays.copyOfRange(bytes, 1, bytes.length), StandardCharsets.UTF_8);
        for (String text : List.of(message, "n,,n=" + message, "n,,n=a,r=" + message)) {
            ScramMessage.First.parse(text)
                    .ifPresent(first -> {
                        assertThat(first.header() + first.bare()).isEqualTo(text);
                        assertThat(first.user()).isNotEmpty();
                        assertThat(first.nonce()).isNotEmpty().doesNotContain(",");
                    });
        }
        String nonce = message.substring(0, Math.min(bytes[0] & 0xff, message.length()));
        for (String text : List.of(message, "c=biws,r=" + message, "c=biws,r=" + message + ",p=")) {
            ScramMessage.Last.parse(text, "n,,", nonce)
                    .ifPresent(last ->
                            assertThat(text)
                                    .startsWith(last.signed() + ",p=")
                                    .startsWith("c=biws,r=" + nonce));
        }
    }
}
