package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.ingest.IngestFixture.Reply;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.Proposal;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A randomised test with a bucket and a log that are slow, fail, or lose responses. */
class IngestFixtureSimulation {

    private record Sent(long connection, int partition, List<String> values, Reply reply) {}

    @Test
    void everyAcknowledgedBatchIsReadableAtItsOffsetOnceAndInOrder() {
        for (long seed = 0; seed < 20; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) {
        Random random = new Random(seed);
        IngestSettings.Profile profile = IngestSettings.Profile.LATENCY;
        IngestFixture ingest = new IngestFixture(IngestSettings.of(profile, "test", 64L << 20));
        ingest.store.byDefault(Fault.chosen(() -> put(ingest, random)));
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            sent.add(send(ingest, random, i));
            if (random.nextInt(40) == 0) {
                ingest.metadata.next(answer(random));
            }
            ingest.pass(random.nextInt(6));
        }
        ingest.pass(60_000);
        check(seed, ingest, sent);
    }

    private static Sent send(IngestFixture ingest, Random random, int number) {
        long connection = random.nextInt(5);
        int partition = random.nextInt(3);
        List<String> values = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            values.add(number + "." + i + "x".repeat(random.nextInt(300)));
        }
        Reply reply =
                random.nextBoolean()
                        ? ingest.produce(
                                connection,
                                "t",
                                partition,
                                Batches.of(values.toArray(String[]::new)))
                        : ingest.produceRecords(connection, partition, records(values));
        return new Sent(connection, partition, values, reply);
    }

    private static Fault put(IngestFixture ingest, Random random) {
        Duration takes = Duration.ofMillis(random.nextInt(200));
        Fault end =
                random.nextInt(8) == 0
                        ? Fault.failing(new ObjectStoreException.Unavailable("down", null))
                        : Fault.none();
        return Fault.late(ingest.loop, takes, end);
    }

    private static FaultyMetadata.Fault answer(Random random) {
        Problem problem = new Problem(Reason.OUTCOME_UNKNOWN, "The log does not say.");
        return switch (random.nextInt(3)) {
            case 0 -> FaultyMetadata.Fault.replacedBy(new Proposal.NotApplied(problem));
            case 1 -> FaultyMetadata.Fault.replacedBy(new Proposal.Unknown(problem));
            default -> FaultyMetadata.Fault.losingTheResult(problem);
        };
    }

    private static void check(long seed, IngestFixture ingest, List<Sent> sent) {
        Map<Integer, List<String>> logs = new HashMap<>();
        Map<String, Long> last = new HashMap<>();
        int acknowledged = 0;
        for (Sent each : sent) {
            if (each.reply().outcome instanceof ProduceOutcome.Acknowledged(var base, _, _, _)) {
                acknowledged++;
                List<String> log =
                        logs.computeIfAbsent(each.partition(), p -> ingest.values("t", p));
                int from = (int) base;
                assertThat(log.subList(from, from + each.values().size()))
                        .as("seed %d", seed)
                        .isEqualTo(each.values());
                String place = each.connection() + "/" + each.partition();
                assertThat(base).as("seed %d", seed).isGreaterThan(last.getOrDefault(place, -1L));
                last.put(place, base);
            } else {
                assertThat(each.reply().isPending()).as("seed %d: answered", seed).isFalse();
            }
        }
        assertThat(acknowledged).as("seed %d", seed).isGreaterThan(50);
        for (List<String> log : logs.values()) {
            assertThat(new HashSet<>(log)).as("seed %d: once", seed).hasSameSizeAs(log);
        }
        assertThat(ingest.memoryUsed()).as("seed %d: memory comes back", seed).isZero();
    }

    private static ByteString records(List<String> values) {
        RecordSet.Builder set = RecordSet.newBuilder();
        for (String value : values) {
            set.addRecords(Record.newBuilder().setValue(ByteString.copyFromUtf8(value)));
        }
        return set.build().toByteString();
    }
}
