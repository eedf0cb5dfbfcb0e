package io.millrace.kafka.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaslMechanismTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n,,\1auth=Bearer abc.d-e_f~g+h/i==\1\1",
                "n,a=alice,\1auth=Bearer abc.d-e_f~g+h/i==\1\1",
                "n,,\1host=h\1port=1\1auth=bearer   abc.d-e_f~g+h/i== \1key=\1\1",
                "n,,\1Auth=Bearer abc.d-e_f~g+h/i==\1auth=other\1\1"
            })
    void aTokenIsReadFromAMessage(String message) {
        assertThat(SaslMechanism.bearerIn(message)).contains("abc.d-e_f~g+h/i==");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,",
                "n,,\1",
                "n,,\1\1",
                "n,,\1auth=Bearer abc\1",
                "n,,\1auth=Bearer abc\1\1\1",
                "n,,\1auth=Bearer abc\1\1more",
                "n,,\1auth=Bearer \1\1",
                "n,,\1auth=Basic abc\1\1",
                "n,,\1auth=Bearer a b\1\1",
                "n,,\1=Bearer abc\1\1",
                "n,,\1auth\1\1",
                "n,,\1a1=b\1auth=Bearer abc\1\1",
                "n\1auth=Bearer abc\1\1",
                "y,,\1auth=Bearer abc\1\1",
                "n,b=alice,\1auth=Bearer abc\1\1",
                "n,a=al,ice,\1auth=Bearer abc\1\1",
                "n,a=alice\1auth=Bearer abc\1\1"
            })
    void aMalformedMessageHasNoToken(String message) {
        assertThat(SaslMechanism.bearerIn(message)).isEmpty();
    }

    @Test
    void aMessageOfManyPairsNeedsNoDeepStack() {
        String many = "n,,\1" + "a=\1".repeat(100_000);

        assertThat(SaslMechanism.bearerIn(many + "\1")).isEmpty();
        assertThat(SaslMechanism.bearerIn(many + "auth=Bearer abc\1\1")).contains("abc");
    }
}
