package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ArrivalRateTest {

    private static final long MILLIS = 1_000_000;
    private static final long LINGER = 100 * MILLIS;

    private final ArrivalRate rate = new ArrivalRate(Duration.ofSeconds(1));

    @Test
    void steadyRateIsMeasuredAccurately() {
        long now = -5_000 * MILLIS;
        for (int i = 0; i < 1_000; i++, now += 10 * MILLIS) {
            rate.add(100_000, now);
        }
        assertThat((double) rate.bytesWithin(LINGER, now)).isCloseTo(1e6, within(5e4));
    }

    @Test
    void oneBurstIsNoStream() {
        rate.add(1 << 20, 0);
        assertThat(rate.bytesWithin(LINGER, 0)).isLessThanOrEqualTo((1 << 20) / 10);
    }

    @Test
    void whatCameIsForgotten() {
        rate.add(1 << 20, 0);
        assertThat(rate.bytesWithin(LINGER, 10_000 * MILLIS)).isLessThan(10);
    }
}
