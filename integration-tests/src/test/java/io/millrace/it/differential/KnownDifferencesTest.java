package io.millrace.it.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Compares the differences that the differential tests accept with docs/kafka.md. */
class KnownDifferencesTest {

    @Test
    void eachHasARowInTheDocument() throws Exception {
        Path page = Path.of("").toAbsolutePath().resolveSibling("docs").resolve("kafka.md");
        List<String> lines = Files.readAllLines(page);

        assertThat(KnownDifferences.rows())
                .isNotEmpty()
                .allSatisfy(row -> assertThat(lines).anyMatch(line -> line.startsWith("| " + row)));
    }
}
