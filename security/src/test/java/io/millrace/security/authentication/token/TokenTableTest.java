package io.millrace.security.authentication.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.security.authentication.TokenHash;
import io.millrace.security.file.InvalidFileException;
import io.millrace.security.principal.Principal;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTableTest {

    /** The SHA-256 hash of the text "abc", from FIPS 180-2. */
    private static final String HASH_OF_ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private static TokenTable parse(String file) throws InvalidFileException {
        return TokenTable.parse(file.getBytes(UTF_8));
    }

    @Test
    void aTokenStandsForTheNameBesideItsHash() throws InvalidFileException {
        TokenTable table = parse("# comment\n\n  CN=alice,O=x:y : " + HASH_OF_ABC + "\r\n");
        assertThat(table.principal(TokenHash.of("abc")))
                .contains(new Principal("User:CN=alice,O=x:y"));
        assertThat(table.principal(TokenHash.of("abd"))).isEmpty();
        assertThat(table.principal(TokenHash.of(HASH_OF_ABC))).isEmpty();
    }

    @Test
    void aNameMayHaveSeveralTokens() throws InvalidFileException {
        TokenTable table =
                parse(
                        "a: "
                                + HASH_OF_ABC
                                + "\na: "
                                + HASH_OF_ABC.replace('a', 'b').toUpperCase(Locale.ROOT));
        assertThat(table.size()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice secret-token",
                "alice: secret-token",
                ": " + HASH_OF_ABC,
                "ANONYMOUS: " + HASH_OF_ABC,
                "*: " + HASH_OF_ABC,
                "alice: " + HASH_OF_ABC + "00",
                "alice: " + HASH_OF_ABC + "\nbob: " + HASH_OF_ABC,
                "alice: xx7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            })
    void anIllegalLineIsReportedByItsNumberOnly(String lines) {
        assertThatThrownBy(() -> parse("\n" + lines))
                .isInstanceOf(InvalidFileException.class)
                .hasMessageContaining("line " + (1 + lines.lines().count()))
                .message()
                .doesNotContain("secret")
                .doesNotContain(HASH_OF_ABC);
    }

    @Test
    void aFileHasAtMostTenThousandTokens() throws InvalidFileException {
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < TokenTable.MAX_TOKENS; i++) {
            file.append("a: %064x%n".formatted(i));
        }
        assertThat(parse(file.toString()).size()).isEqualTo(TokenTable.MAX_TOKENS);
        assertThatThrownBy(() -> parse(file + "a: " + HASH_OF_ABC))
                .hasMessageContaining("more than 10,000 tokens");
    }

    @Test
    void aFileThatIsNotTextIsRejected() {
        assertThatThrownBy(() -> TokenTable.parse(new byte[] {(byte) 0xff, (byte) 0xfe}))
                .isInstanceOf(InvalidFileException.class);
    }
}
