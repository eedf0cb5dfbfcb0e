package io.millrace.cli.records;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitNoticeTest {

    private final WaitNotice notice = new WaitNotice();
    private final List<String> lines = new ArrayList<>();
    private long nowMs = -5_000;

    private void pass(long ms, @Nullable String trouble) {
        for (long end = nowMs + ms; nowMs < end; nowMs += 100) {
            notice.update(TimeUnit.MILLISECONDS.toNanos(nowMs), trouble).ifPresent(lines::add);
        }
    }

    @Test
    void aShortWaitIsNotReported() {
        pass(900, "full");
        pass(5_000, null);
        pass(900, "full");
        pass(100, null);
        assertThat(lines).isEmpty();
    }

    @Test
    void aWaitIsToldOnceAndThenEveryTenSeconds() {
        pass(11_000, "full");
        assertThat(lines).containsExactly("Waiting: full");
        pass(11_000, "away");
        assertThat(lines)
                .containsExactly(
                        "Waiting: full", "Waiting for 11 s: away", "Waiting for 21 s: away");
    }

    @Test
    void theEndOfAWaitIsReportedAndANewWaitStartsOver() {
        pass(2_000, "full");
        pass(2_000, null);
        pass(2_000, "full");
        assertThat(lines).containsExactly("Waiting: full", "Resumed.", "Waiting: full");
    }
}
