package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The division of a memory limit into heap and network buffers. */
class ServerFlagsTest {

    @Test
    void withoutALimitAServerStaysUnder768Mib() throws Exception {
        ServerFlags flags = ServerFlags.of(Map.of());
        assertThat(flags.heapMib()).isEqualTo(400);
        assertThat(flags.directMib()).isEqualTo(112);
        assertThat(flags.text()).doesNotContain("ActiveProcessorCount");
    }

    @ParameterizedTest
    @ValueSource(longs = {768, 769, 1024, 2048, 8192, 131_072})
    void aLimitLeavesRoomForEverythingThatGrowsWithTheHeap(long mib) throws Exception {
        ServerFlags flags = ServerFlags.of(limit(mib << 20));
        // The garbage collector's tables take 2 % of the heap and its remembered sets a few more.
        assertThat(flags.totalBytes() + (flags.heapMib() << 20) / 20).isLessThan(mib << 20);
        assertThat(flags.heapMib()).isGreaterThan(mib / 2);
    }

    @Test
    void thePoolsAreSizedByTheNumberOfCpus() throws Exception {
        assertThat(ServerFlags.of(Map.of("MILLRACE_CPUS", "3")).text())
                .contains("-XX:ActiveProcessorCount=3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2Gi", "-1", "1e9", "99999999999999999999"})
    void aLimitThatIsNoNumberOfBytesIsRefused(String limit) {
        assertThatThrownBy(() -> ServerFlags.of(Map.of("MILLRACE_MEMORY_LIMIT", limit)))
                .hasMessage(
                        "millrace: MILLRACE_MEMORY_LIMIT must be a number of bytes, not \"%s\"."
                                .formatted(limit));
    }

    @Test
    void aLimitThatIsTooSmallIsRefused() {
        assertThatThrownBy(() -> ServerFlags.of(limit((768 << 20) - 1)))
                .hasMessageContaining("at least 805306368 bytes (768 MiB)");
    }

    private static Map<String, String> limit(long bytes) {
        return Map.of("MILLRACE_MEMORY_LIMIT", "" + bytes);
    }
}
