package io.millrace.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LineReaderTest {

    private static final InputStream ENDLESS =
            new InputStream() {
                @Override
                public int read() {
                    return 'x';
                }

                @Override
                public int read(byte[] bytes, int from, int length) {
                    Arrays.fill(bytes, from, from + length, (byte) 'x');
                    return length;
                }
            };

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aLineOfTheLargestSizeIsRead() {
        LineReader lines = new LineReader(text("a\n" + "x".repeat(LineReader.MAX_LINE_BYTES)));

        assertThat(lines.next()).hasSize(1);
        assertThat(lines.next()).hasSize(LineReader.MAX_LINE_BYTES);
        assertThat(lines.next()).isNull();
    }

    @Test
    void anEndlessLineIsRefused() {
        LineReader lines = new LineReader(new SequenceInputStream(text("a\n"), ENDLESS));

        assertThat(lines.next()).hasSize(1);
        assertThatThrownBy(lines::next)
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("longer than 16,777,216 bytes");
    }

    @Test
    void aFailedInputIsReportedInASentence() {
        LineReader lines =
                new LineReader(
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("Input/output error");
                            }
                        });

        assertThatThrownBy(lines::next)
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("cannot be read further: Input/output error");
    }
}
