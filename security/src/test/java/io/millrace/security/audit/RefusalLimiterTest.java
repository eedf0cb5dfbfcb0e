package io.millrace.security.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalLimiterTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final RefusalLimiter limiter = new RefusalLimiter(0);

    @Test
    void aSourceHasABurstAndThenOneEventInASecond() {
        for (int i = 0; i < RefusalLimiter.BURST; i++) {
            assertThat(limiter.admit("alice", "Produce", 0)).isEqualTo(OptionalLong.of(0));
        }
        for (int i = 0; i < 500; i++) {
            assertThat(limiter.admit("alice", "Produce", SECOND / 2)).isEmpty();
        }
        assertThat(limiter.admit("alice", "Produce", SECOND)).isEqualTo(OptionalLong.of(500));
        assertThat(limiter.admit("alice", "Produce", SECOND)).isEmpty();
        assertThat(limiter.admit("alice", "Produce", 3 * SECOND)).isEqualTo(OptionalLong.of(1));
    }

    @Test
    void otherPrincipalsAndMethodsAreNotSuppressed() {
        for (int i = 0; i < 50; i++) {
            var unused = limiter.admit("alice", "Produce", 0);
        }
        assertThat(limiter.admit("alice", "Fetch", 0)).isPresent();
        assertThat(limiter.admit("bob", "Produce", 0)).isPresent();
    }

    @Test
    void manySourcesTogetherAreLimited() {
        int admitted = 0;
        for (int i = 0; i < 10 * RefusalLimiter.MAX_SOURCES; i++) {
            if (limiter.admit("host-" + i, "Fetch", i).isPresent()) {
                admitted++;
            }
        }
        assertThat(admitted)
                .isBetween(RefusalLimiter.MAX_PER_SECOND, 2 * RefusalLimiter.MAX_PER_SECOND);
    }
}
