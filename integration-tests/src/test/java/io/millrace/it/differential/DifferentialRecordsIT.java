package io.millrace.it.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records of a broker of Apache Kafka and of Millrace: produce, fetch and offsets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class DifferentialRecordsIT {

    private static final short ALL = -1;

    @TempDir static Path folder;
    private BrokerPair pair;

    @BeforeAll
    void start() throws Exception {
        pair = BrokerPair.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        pair.close();
    }

    @Test
    void recordsOfAllCompressions() {
        pair.compare(side -> {
            for (CompressionType type : CompressionType.values()) {
                String topic = "compression-" + type.name;
                var target = Requests.Target.of(topic, side.createTopic(topic, 2));
                ByteBuffer batch = Requests.batch(Compression.of(type).build());
                for (int version = 3; version <= 13; version++) {
                    side.call(
                            topic,
                            ApiKeys.PRODUCE,
                            version,
                            Requests.produce(target, ALL, batch.duplicate()));
                }
                for (int version = 4; version <= 18; version++) {
                    side.call(topic, ApiKeys.FETCH, version, Requests.fetch(target, 5, 1, 1 << 20));
                }
                for (int version = 1; version <= 11; version++) {
                    for (long timestamp :
                            new long[] {
                                -1, -2, -3, -4, -5, -6, 0, 1_700_000_001_500L, Long.MAX_VALUE
                            }) {
                        for (int isolation = 0; isolation < (version == 1 ? 1 : 2); isolation++) {
                            side.call(
                                    topic + " time " + timestamp + " isolation " + isolation,
                                    ApiKeys.LIST_OFFSETS,
                                    version,
                                    Requests.listOffsets(target, timestamp, (byte) isolation));
                        }
                    }
                }
            }
        });
    }

    @Test
    void limitsOfFetches() {
        pair.compare(side -> {
            var target = Requests.Target.of("limits", side.createTopic("limits", 2));
            for (int i = 0; i < 10; i++) {
                side.quietly(
                        ApiKeys.PRODUCE,
                        13,
                        Requests.produce(target, ALL, Requests.batch("record " + i)));
            }
            for (int bytes : new int[] {-1, 0, 1, 100, 200, 500, Integer.MAX_VALUE}) {
                for (int offset : new int[] {-5, -1, 0, 3, 9, 10, 11}) {
                    side.call(
                            "max " + bytes + " from " + offset,
                            ApiKeys.FETCH,
                            17,
                            Requests.fetch(target, offset, 1, bytes));
                }
                side.call(
                        "min " + bytes,
                        ApiKeys.FETCH,
                        17,
                        Requests.fetch(target, 8, bytes, 1 << 20));
            }
        });
    }

    @Test
    void sessionsOfFetches() {
        pair.compare(SessionScenarios::sessions);
    }

    @Test
    void unknownTargets() {
        pair.compare(side -> {
            Uuid id = side.createTopic("known", 1);
            Uuid other = Uuid.fromString("AAAABBBBCCCCDDDDEEEEFF");
            var targets =
                    new Requests.Target[] {
                        new Requests.Target("known", id, 1),
                        new Requests.Target("known", id, -1),
                        new Requests.Target("known", id, Integer.MAX_VALUE),
                        new Requests.Target("missing", other, 0),
                        new Requests.Target("", other, 0),
                        new Requests.Target("bad/name", other, 0),
                        new Requests.Target("x".repeat(300), other, 0),
                    };
            for (int i = 0; i < targets.length; i++) {
                for (int version : new int[] {3, 8, 9, 12, 13}) {
                    side.call(
                            "target " + i,
                            ApiKeys.PRODUCE,
                            version,
                            Requests.produce(targets[i], ALL, Requests.batch("x")));
                }
                for (int version : new int[] {4, 11, 12, 13, 16, 18}) {
                    side.call(
                            "target " + i,
                            ApiKeys.FETCH,
                            version,
                            Requests.fetch(targets[i], 0, 1, 1 << 20));
                }
                for (int version : new int[] {1, 5, 10}) {
                    side.call(
                            "target " + i,
                            ApiKeys.LIST_OFFSETS,
                            version,
                            Requests.listOffsets(targets[i], -1, (byte) 0));
                }
            }
        });
    }

    @Test
    void sequencesOfIdempotentProducers() {
        pair.compare(side -> {
            var target = Requests.Target.of("sequences", side.createTopic("sequences", 1));
            long producer = producer(side, -1);
            int[][] steps = {
                {0, 0, 3}, {0, 3, 2}, {0, 3, 2}, {0, 0, 3}, {0, 5, 1}, {0, 6, 1}, {0, 7, 1},
                {0, 8, 1}, {0, 5, 1}, {0, 4, 1}, {1, 5, 1}, {1, 0, 1}, {0, 9, 1}, {1, 1, 1},
                {5, 0, 1}, {Short.MAX_VALUE, 0, 1},
            };
            for (int i = 0; i < steps.length; i++) {
                int[] step = steps[i];
                side.call(
                        "step " + i,
                        ApiKeys.PRODUCE,
                        12,
                        Requests.produce(
                                target,
                                ALL,
                                Requests.idempotent(producer, step[0], step[1], step[2])));
            }
            var foreign = Requests.Target.of("foreign", side.createTopic("foreign", 1));
            for (int sequence : new int[] {0, 5}) {
                side.call(
                        "foreign producer " + sequence,
                        ApiKeys.PRODUCE,
                        12,
                        Requests.produce(
                                foreign,
                                ALL,
                                Requests.idempotent(987_654_321L + sequence, 0, sequence, 1)));
            }
            side.call("all", ApiKeys.FETCH, 12, Requests.fetch(target, 0, 1, 1 << 20));
        });
    }

    @Test
    void damagedAndForgedBatches() {
        pair.compare(side -> {
            var target = Requests.Target.of("whole", side.createTopic("whole", 1));
            for (int version : new int[] {3, 7, 12}) {
                ByteBuffer crc = Requests.batch("x");
                crc.put(17, (byte) (crc.get(17) + 1));
                damaged(side, "wrong crc", version, crc);
                ByteBuffer magic = Requests.batch("x");
                magic.put(16, (byte) 3);
                damaged(side, "magic 3", version, magic);
                ByteBuffer control = Requests.batch("x");
                control.putShort(21, (short) 0x20);
                damaged(side, "control", version, checked(control));
                ByteBuffer transactional = Requests.batch("x");
                transactional.putShort(21, (short) 0x10);
                damaged(side, "transactional", version, checked(transactional));
                ByteBuffer compression = Requests.batch("x");
                compression.putShort(21, (short) 7);
                damaged(side, "unknown compression", version, checked(compression));
                ByteBuffer zstd = Requests.batch("x");
                zstd.putShort(21, (short) 4);
                damaged(side, "garbage for zstd", version, checked(zstd));
                ByteBuffer count = Requests.batch("x");
                count.putInt(57, 1_000_000_000);
                damaged(side, "claims a billion records", version, checked(count));
                ByteBuffer delta = Requests.batch("x");
                delta.putInt(23, 5);
                damaged(side, "wrong last offset delta", version, checked(delta));
                ByteBuffer base = Requests.batch("x");
                base.putLong(0, 77);
                damaged(side, "base offset", version, base);
                ByteBuffer length = Requests.batch("x");
                length.putInt(8, Integer.MAX_VALUE);
                damaged(side, "huge length", version, length);
                ByteBuffer negative = Requests.batch("x");
                negative.putInt(8, -1);
                damaged(side, "negative length", version, negative);
                ByteBuffer half = Requests.batch("x");
                half.limit(half.limit() / 2);
                damaged(side, "half", version, half.slice());
                damaged(side, "empty", version, ByteBuffer.allocate(0));
                damaged(
                        side,
                        "two batches",
                        version,
                        join(Requests.batch("x"), Requests.batch("y")));
                damaged(
                        side,
                        "batch and garbage",
                        version,
                        join(Requests.batch("x"), ByteBuffer.wrap(new byte[5])));
                for (byte old : new byte[] {0, 1}) {
                    ByteBuffer buffer = ByteBuffer.allocate(1024);
                    var builder =
                            MemoryRecords.builder(
                                    buffer, old, Compression.NONE, TimestampType.CREATE_TIME, 0);
                    builder.append(old == 0 ? RecordBatch.NO_TIMESTAMP : 5, null, new byte[3]);
                    damaged(side, "message format " + old, version, builder.build().buffer());
                }
                for (short acks : new short[] {1, 2, -2, Short.MAX_VALUE}) {
                    side.call(
                            "acks " + acks,
                            ApiKeys.PRODUCE,
                            version,
                            Requests.produce(target, acks, Requests.batch("x")));
                }
                side.call(
                        "transactional id",
                        ApiKeys.PRODUCE,
                        version,
                        Requests.produce(target, ALL, Requests.batch("x")).setTransactionalId("t"));
                side.call(
                        "no topics",
                        ApiKeys.PRODUCE,
                        version,
                        new ProduceRequestData().setAcks(ALL).setTimeoutMs(1000));
            }
            side.call("all", ApiKeys.FETCH, 12, Requests.fetch(target, 0, 1, 1 << 20));
        });
    }

    @Test
    void illegalAcknowledgements() {
        pair.compare(side -> {
            var target = Requests.Target.of("acks", side.createTopic("acks", 1));
            Uuid other = Uuid.fromString("AAAABBBBCCCCDDDDEEEEFF");
            for (int version : new int[] {3, 12, 13}) {
                var wrong = new LinkedHashMap<String, ProduceRequestData>();
                wrong.put("right", acks(target, Requests.batch("x")));
                wrong.put(
                        "unknown topic",
                        acks(new Requests.Target("missing", other, 0), Requests.batch("x")));
                wrong.put(
                        "unknown partition",
                        acks(new Requests.Target("acks", target.id(), 9), Requests.batch("x")));
                ByteBuffer crc = Requests.batch("x");
                wrong.put("wrong crc", acks(target, crc.put(17, (byte) (crc.get(17) + 1))));
                ByteBuffer magic = Requests.batch("x");
                wrong.put("magic 1", acks(target, magic.put(16, (byte) 1)));
                wrong.put("empty", acks(target, ByteBuffer.allocate(0)));
                wrong.put("two", acks(target, join(Requests.batch("x"), Requests.batch("y"))));
                ByteBuffer transactional = Requests.batch("x");
                transactional.putShort(21, (short) 0x10);
                wrong.put("transactional", acks(target, checked(transactional)));
                wrong.forEach((label, request) ->
                        side.call("acks -2, " + label, ApiKeys.PRODUCE, version, request));
            }
        });
    }

    private static ProduceRequestData acks(Requests.Target target, ByteBuffer records) {
        return Requests.produce(target, (short) -2, records);
    }

    @Test
    void illegalIsolationLevels() {
        pair.compare(side -> {
            var target = Requests.Target.of("isolation", side.createTopic("isolation", 1));
            for (byte level : new byte[] {-1, 2, Byte.MAX_VALUE}) {
                for (int version = 4; version <= 18; version++) {
                    side.call(
                            "isolation " + level,
                            ApiKeys.FETCH,
                            version,
                            Requests.fetch(target, 0, 0, 1 << 20).setIsolationLevel(level));
                }
                for (int version = 2; version <= 11; version++) {
                    side.call(
                            "isolation " + level,
                            ApiKeys.LIST_OFFSETS,
                            version,
                            Requests.listOffsets(target, -1, level));
                }
            }
        });
    }

    @Test
    void zstdForAnOldFetch() {
        pair.compare(side -> {
            var target = Requests.Target.of("zstd", side.createTopic("zstd", 1));
            for (int version = 3; version <= 8; version++) {
                produce(side, "zstd", version, target, Requests.batch(Compression.zstd().build()));
            }
            for (int version = 4; version <= 11; version++) {
                side.call("zstd", ApiKeys.FETCH, version, Requests.fetch(target, 0, 1, 1 << 20));
            }
        });
    }

    /** Produces to a topic of its own, so that what one server takes changes no other answer. */
    private static void damaged(Side side, String label, int version, ByteBuffer batch) {
        String topic = label.replace(' ', '-') + "-" + version;
        var target = Requests.Target.of(topic, side.createTopic(topic, 1));
        produce(side, label, version, target, batch);
    }

    private static void produce(
            Side side, String label, int version, Requests.Target target, ByteBuffer batch) {
        side.call(label, ApiKeys.PRODUCE, version, Requests.produce(target, ALL, batch));
    }

    private static ByteBuffer join(ByteBuffer first, ByteBuffer second) {
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }

    private static ByteBuffer checked(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.duplicate().position(21));
        return batch.putInt(17, (int) crc.getValue());
    }

    private static long producer(Side side, long former) {
        var request =
                new InitProducerIdRequestData()
                        .setTransactionalId(null)
                        .setProducerId(former)
                        .setTransactionTimeoutMs(60_000);
        while (true) {
            var answer =
                    (InitProducerIdResponseData)
                            side.quietly(ApiKeys.INIT_PRODUCER_ID, 5, request).orElseThrow();
            if (answer.errorCode() == Errors.NONE.code()) {
                return answer.producerId();
            }
            // Kafka has no block of producer ids until its controller has given it one.
            assertThat(Errors.forCode(answer.errorCode()).exception())
                    .isInstanceOf(RetriableException.class);
        }
    }
}
