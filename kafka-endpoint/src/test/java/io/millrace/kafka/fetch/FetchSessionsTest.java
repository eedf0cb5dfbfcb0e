package io.millrace.kafka.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class FetchSessionsTest {

    private final PartitionWatch watch = new PartitionWatch();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private long nowNanos;
    private final FetchSessions sessions =
            new FetchSessions(
                    3,
                    10,
                    watch,
                    () -> nowNanos,
                    new Random(1)::nextInt,
                    new KafkaFetchMetrics(registry, new FetchLimits(3, 10, 1, 1)));

    @Test
    void aFullTableGivesNoSessionUntilOneIsIdle() {
        FetchSession first = open(1);
        open(1);
        open(1);
        assertThat(open(1).id()).isEqualTo(FetchSession.NO_ID);
        pass(FetchSessions.MIN_IDLE);
        assertThat(open(1).id()).isNotEqualTo(FetchSession.NO_ID);
        assertThat(sessions.find(first.id(), "me")).isEmpty();
        assertThat(sessions.size()).isEqualTo(3);
        assertThat(count("refused")).isOne();
        assertThat(count("evicted")).isOne();
        assertThat(gauge("sessions")).isEqualTo(3);
        assertThat(gauge("sessions.limit")).isEqualTo(3);
    }

    private double count(String of) {
        return registry.get("millrace.kafka.fetch.sessions." + of).counter().count();
    }

    private double gauge(String of) {
        return registry.get("millrace.kafka.fetch." + of).gauge().value();
    }

    @Test
    void theLongestUnusedSessionMakesRoom() {
        FetchSession first = open(1);
        FetchSession second = open(1);
        open(1);
        pass(Duration.ofMinutes(1));
        sessions.find(first.id(), "me");
        pass(Duration.ofMinutes(1));
        open(1);
        assertThat(sessions.find(second.id(), "me")).isEmpty();
        assertThat(sessions.find(first.id(), "me")).isPresent();
    }

    @Test
    void aWaitingSessionIsNotEvicted() {
        FetchSession waiting = open(1);
        waiting.begin(() -> {});
        open(1);
        open(1);
        pass(FetchSessions.MIN_IDLE);
        open(1);
        open(1);
        assertThat(sessions.find(waiting.id(), "me")).isPresent();
    }

    @Test
    void thePartitionsOfAllSessionsAreLimited() {
        open(6);
        assertThat(open(5).id()).isEqualTo(FetchSession.NO_ID);
        assertThat(open(11).id()).isEqualTo(FetchSession.NO_ID);
        assertThat(open(4).id()).isNotEqualTo(FetchSession.NO_ID);
        assertThat(sessions.partitions()).isEqualTo(10);
        assertThat(gauge("session.partitions")).isEqualTo(10);
        assertThat(gauge("session.partitions.limit")).isEqualTo(10);
    }

    @Test
    void aSessionServesItsOwnerOnly() {
        FetchSession session = open(1);
        assertThat(sessions.find(session.id(), "another")).isEmpty();
    }

    @Test
    void aChangedPartitionIsTheOnlyActiveOne() {
        FetchSession session = open(10);
        List<SessionPartition> all = session.active();
        all.forEach(partition -> watch.add(partition, 7));
        session.deactivate(all);
        watch.partitionChanged(7, 3);
        watch.partitionChanged(8, 4);
        assertThat(session.active()).containsExactly(all.get(3));
    }

    @Test
    void watchersAreFoundWhateverTheOrderOfChanges() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            PartitionWatch tested = new PartitionWatch();
            List<FetchSession> owners = List.of(session(tested), session(tested), session(tested));
            Set<SessionPartition> watching = new HashSet<>();
            for (int step = 0; step < 100; step++) {
                SessionPartition partition =
                        owners.get(random.nextInt(3)).put(key(random.nextInt(3)));
                if (random.nextBoolean()) {
                    tested.add(partition, 7);
                    watching.add(partition);
                } else {
                    tested.remove(partition);
                    watching.remove(partition);
                }
                owners.forEach(owner -> owner.deactivate(owner.active()));
                for (int number = 0; number < 3; number++) {
                    tested.partitionChanged(7, number);
                }
                Set<SessionPartition> changed = new HashSet<>();
                owners.forEach(owner -> changed.addAll(owner.active()));
                assertThat(changed).as("seed %d, step %d", seed, step).isEqualTo(watching);
            }
            owners.forEach(FetchSession::close);
            assertThat(tested.size()).isZero();
        }
    }

    private static FetchSession session(PartitionWatch of) {
        return new FetchSession(1, "me", false, of);
    }

    private static PartitionKey key(int partition) {
        return new PartitionKey(Uuid.ZERO_UUID, "t", partition);
    }

    private FetchSession open(int partitions) {
        FetchSession session = sessions.open("me", false, partitions);
        int before = session.size();
        for (int i = 0; i < partitions; i++) {
            session.put(key(i));
        }
        sessions.resized(session, before);
        return session;
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }
}
