package io.millrace.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TraceSamplerTest {

    private static final Optional<TraceContext> SAMPLED =
            TraceContext.parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    private static final Optional<TraceContext> UNSAMPLED =
            TraceContext.parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");

    private long nanos;

    private TraceSampler sampler(double ratio) {
        return new TraceSampler(ratio, new SplittableRandom(1), () -> nanos);
    }

    @Test
    void theCallersDecisionIsFollowed() {
        assertThat(sampler(0).samples(SAMPLED)).isTrue();
        assertThat(sampler(1).samples(UNSAMPLED)).isFalse();
    }

    @Test
    void requestsWithoutATraceAreSampledByTheRatio() {
        assertThat(sampler(0).samples(Optional.empty())).isFalse();
        TraceSampler tenth = sampler(0.1);
        long sampled =
                IntStream.range(0, 1_000).filter(i -> tenth.samples(Optional.empty())).count();
        assertThat(sampled).isBetween(70L, 130L);
    }

    @Test
    void noCallerCanHaveMoreRequestsTracedThanTheLimit() {
        TraceSampler sampler = sampler(0);
        assertThat(sampled(sampler)).isEqualTo(TraceSampler.MAX_PER_SECOND);
        nanos += 999_999_999;
        assertThat(sampled(sampler)).isZero();
        nanos += 1;
        assertThat(sampled(sampler)).isEqualTo(TraceSampler.MAX_PER_SECOND);
    }

    private static long sampled(TraceSampler sampler) {
        return IntStream.range(0, 2 * TraceSampler.MAX_PER_SECOND)
                .filter(i -> sampler.samples(SAMPLED))
                .count();
    }
}
