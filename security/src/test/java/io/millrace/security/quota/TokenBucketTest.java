package io.millrace.security.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aBusyUserWorksAtTheRateWithinOnePercent(long seed) {
        Random random = new Random(seed);
        double rate = Math.pow(10, 2 + 7 * random.nextDouble());
        int largest = (int) (10 + rate / 1e6 + random.nextInt((int) Math.min(16 << 20, 5 * rate)));
        // The clock passes the largest number, as a monotonic clock may.
        long start = Long.MAX_VALUE - 50 * SECOND;
        long now = start;
        TokenBucket bucket = new TokenBucket(rate, SECOND, now);
        double done = 0;
        while (now - start < 1000 * SECOND) {
            int amount = largest / 2 + random.nextInt(largest / 2 + 1) + 1;
            bucket.charge(amount, now);
            done += amount;
            now += bucket.delayNanos(now);
        }
        double seconds = (double) (now - start) / SECOND;
        assertThat(done / seconds)
                .as("seed %d", seed)
                .isCloseTo(rate, Percentage.withPercentage(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aUserWithPausesNeverExceedsTheRateAndItsBurst(long seed) {
        Random random = new Random(seed);
        long now = random.nextLong();
        long start = now;
        TokenBucket bucket = new TokenBucket(1000, SECOND, now);
        double done = 0;
        for (int i = 0; i < 10_000; i++) {
            now +=
                    bucket.delayNanos(now)
                            + (long) (random.nextDouble() * random.nextInt(2) * SECOND);
            double seconds = (double) (now - start) / SECOND;
            assertThat(done).as("seed %d", seed).isLessThanOrEqualTo(1000 * (seconds + 1) + 1);
            int amount = random.nextInt(500);
            bucket.charge(amount, now);
            done += amount;
        }
    }

    @Test
    void anIdleBucketAllowsItsBurstAtOnce() {
        TokenBucket bucket = new TokenBucket(100, 2 * SECOND, 7);
        bucket.charge(200, 7);
        assertThat(bucket.delayNanos(7)).isZero();
        bucket.charge(50, 7);
        assertThat(bucket.delayNanos(7)).isCloseTo(SECOND / 2, within(10L));
        assertThat(bucket.delayNanos(7 + SECOND)).isZero();
    }

    @Test
    void anEnormousDebtIsCutOffAndStaysADebt() {
        TokenBucket bucket = new TokenBucket(1, SECOND, 0);
        for (int i = 0; i < 1000; i++) {
            bucket.charge(Long.MAX_VALUE, i);
        }
        assertThat(bucket.delayNanos(1000)).isGreaterThan(TimeUnit.DAYS.toNanos(365));
    }

    @Test
    void aBucketIsFullAfterItsBurstHasPassed() {
        TokenBucket bucket = new TokenBucket(10, SECOND, 0);
        assertThat(bucket.isFull(0)).isTrue();
        bucket.charge(1, 0);
        assertThat(bucket.isFull(0)).isFalse();
        assertThat(bucket.isFull(SECOND / 10)).isTrue();
    }
}
