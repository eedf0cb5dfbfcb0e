package io.millrace.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

    private static final int DRAWS = 2_000;

    private static List<Long> millis(FaultPlan plan, String method) {
        return Stream.generate(() -> plan.next(method).latency().toMillis())
                .limit(DRAWS)
                .sorted()
                .toList();
    }

    @Test
    void uploadsTakeAsLongAsThoseToS3Standard() {
        List<Long> millis = millis(new FaultPlan(1, Speed.S3_STANDARD), "PUT");
        assertThat(millis.get(DRAWS / 2)).isCloseTo(100, within(5L));
        assertThat(millis.get(DRAWS * 99 / 100)).isCloseTo(300, within(40L));
    }

    @Test
    void readsTakeAsLongAsThoseFromS3Standard() {
        List<Long> millis = millis(new FaultPlan(1, Speed.S3_STANDARD), "GET");
        assertThat(millis.get(DRAWS / 2)).isCloseTo(50, within(3L));
        assertThat(millis.get(DRAWS * 99 / 100)).isCloseTo(150, within(20L));
    }

    @Test
    void aSeedDeterminesThePlan() {
        FaultPlan plan = new FaultPlan(7, Speed.S3_STANDARD);
        FaultPlan same = new FaultPlan(7, Speed.S3_STANDARD);
        FaultPlan other = new FaultPlan(8, Speed.S3_STANDARD);
        plan.inject(Fault.slowDown(), 0.5);
        same.inject(Fault.slowDown(), 0.5);
        assertThat(Stream.generate(() -> plan.next("GET")).limit(100).toList())
                .isEqualTo(Stream.generate(() -> same.next("GET")).limit(100).toList())
                .isNotEqualTo(Stream.generate(() -> other.next("GET")).limit(100).toList());
    }

    @Test
    void faultsOfAMethodAffectNoOtherMethod() {
        FaultPlan plan = new FaultPlan(1, Speed.UNCHANGED);
        plan.injectIntoAll("PUT", Fault.slowDown());
        assertThat(Stream.generate(() -> plan.next("PUT").fault()).limit(DRAWS))
                .containsOnly(Optional.of(Fault.slowDown()));
        assertThat(Stream.generate(() -> plan.next("GET").fault()).limit(DRAWS))
                .containsOnly(Optional.empty());
    }

    @Test
    void faultsAffectTheirSharesAndNoRequestAfterHealing() {
        FaultPlan plan = new FaultPlan(1, Speed.UNCHANGED);
        plan.inject(Fault.slowDown(), 0.2);
        plan.inject(new Fault.Reset(), 0.1);
        List<Optional<Fault>> met =
                Stream.generate(() -> plan.next("PUT").fault()).limit(DRAWS).toList();
        assertThat(met.stream().filter(Optional.of(Fault.slowDown())::equals).count())
                .isCloseTo(400, within(60L));
        assertThat(met.stream().filter(Optional.of(new Fault.Reset())::equals).count())
                .isCloseTo(200, within(45L));
        assertThat(plan.requests()).isEqualTo(DRAWS);
        plan.heal();
        assertThat(Stream.generate(() -> plan.next("PUT").fault()).limit(DRAWS))
                .allMatch(Optional::isEmpty);
    }

    @Test
    void sharesAreAtMostOneTogether() {
        FaultPlan plan = new FaultPlan(1, Speed.UNCHANGED);
        plan.inject(Fault.slowDown(), 0.7);
        assertThatThrownBy(() -> plan.inject(new Fault.Reset(), 0.4))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
