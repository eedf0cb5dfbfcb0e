package io.millrace.ingest.pack;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.TopicSettings.Compression;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.BatchLimits;
import io.millrace.protocol.batch.BatchValidator;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Header;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PendingRecordsTest {

    private static final long NOW = 1_800_000_000_000L;
    private static final int TARGET = 1 << 20;

    private final BatchEncoder encoder = new BatchEncoder(1);
    private final PendingRecords pending = new PendingRecords(TARGET);

    @ParameterizedTest
    @EnumSource(Compression.class)
    void anyRecordsOfManySetsComeBackFromKafkasDecoder(Compression compression) {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            PendingRecords some = new PendingRecords(TARGET);
            List<Record> expected = new ArrayList<>();
            for (int set = 0; set <= random.nextInt(5); set++) {
                RecordSet.Builder records = RecordSet.newBuilder();
                for (int i = 0; i <= random.nextInt(40); i++) {
                    records.addRecords(randomRecord(random));
                }
                PackOutcome appended = append(some, records.build(), TopicSettings.DEFAULTS);
                assertThat(appended)
                        .as("seed %d", seed)
                        .isEqualTo(
                                new PackOutcome.Added(expected.size(), records.getRecordsCount()));
                for (Record record : records.getRecordsList()) {
                    long time = record.getTimestampMs() == 0 ? NOW : record.getTimestampMs();
                    expected.add(record.toBuilder().setTimestampMs(time).build());
                }
            }

            Slice batch = encoder.encode(some, compression, OptionalLong.empty());

            Decoded decoded = Decoded.of(batch);
            assertThat(decoded.records()).as("seed %d", seed).isEqualTo(expected);
            assertThat(decoded.offsets().getLast()).isEqualTo(expected.size() - 1L);
            assertThat(decoded.batch().maxTimestamp())
                    .isEqualTo(
                            expected.stream()
                                    .mapToLong(Record::getTimestampMs)
                                    .max()
                                    .orElseThrow());
            assertThat(check(batch)).as("seed %d", seed).isEqualTo(BatchVerdict.ACCEPTED);
        }
    }

    @Test
    void bytesOfManyPiecesAreReadLikeThoseOfOne() {
        ByteString whole = lines(200).toByteString();
        ByteString rope = ByteString.EMPTY;
        for (int at = 0; at < whole.size(); at += 700) {
            rope = rope.concat(whole.substring(at, Math.min(at + 700, whole.size())));
        }

        assertThat(pending.append(rope, NOW, TopicSettings.DEFAULTS))
                .isEqualTo(new PackOutcome.Added(0, 200));
        assertThat(encode().records()).hasSize(200);
    }

    @Test
    void logLinesShrinkToAThirdByDefault() {
        append(pending, lines(1_000), TopicSettings.DEFAULTS);

        Slice batch = encoder.encode(pending, Compression.PRODUCER, OptionalLong.empty());

        assertThat(batch.length()).isLessThan(pending.batchBytes() / 3);
        assertThat(BatchHeader.compression(batch.array(), 0)).isEqualTo(4);
    }

    @Test
    void whatDoesNotShrinkIsStoredUncompressed() {
        byte[] noise = new byte[10_000];
        new Random(1).nextBytes(noise);
        append(pending, set(Record.newBuilder().setValue(ByteString.copyFrom(noise))), settings());

        for (Compression compression : Compression.values()) {
            Slice batch = encoder.encode(pending, compression, OptionalLong.empty());

            assertThat(batch.length()).as("%s", compression).isEqualTo(pending.batchBytes());
            assertThat(BatchHeader.compression(batch.array(), 0)).isZero();
        }
    }

    @Test
    void aLogAppendTimeTakesThePlaceOfTheRecordsOwn() {
        append(pending, lines(3), settings());

        Slice batch = encoder.encode(pending, Compression.ZSTD, OptionalLong.of(NOW + 77));

        Decoded decoded = Decoded.of(batch);
        assertThat(decoded.batch().timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(decoded.records()).allMatch(record -> record.getTimestampMs() == NOW + 77);
    }

    @Test
    void aRefusedSetLeavesNothingBehind() {
        append(pending, lines(2), settings());
        int bytes = pending.batchBytes();
        TopicSettings compacted = settings("cleanup.policy", "compact");
        RecordSet second = set(keyed("k"), Record.newBuilder().setValue(text("no key")));

        assertThat(reason(append(pending, second, compacted))).isEqualTo(Reason.NULL_KEY);

        assertThat(pending.count()).isEqualTo(2);
        assertThat(pending.batchBytes()).isEqualTo(bytes);
        assertThat(pending.maxTimestampMs()).isEqualTo(NOW);
        assertThat(append(pending, set(keyed("k")), compacted))
                .isEqualTo(new PackOutcome.Added(2, 1));
        assertThat(encode().records()).hasSize(3);
    }

    @Test
    void aSetBeyondTheTopicsLimitIsRefusedAndOneAtItFits() {
        RecordSet records = lines(50);
        append(pending, records, settings());
        int exactly = pending.batchBytes();
        PendingRecords empty = new PendingRecords(TARGET);

        assertThat(reason(append(empty, records, settings("max.message.bytes", exactly - 1))))
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(empty.batchBytes()).isEqualTo(BatchHeader.BYTES);
        assertThat(append(empty, records, settings("max.message.bytes", exactly)))
                .isEqualTo(new PackOutcome.Added(0, 50));
    }

    @Test
    void setThatDoesNotFitIsFull() {
        PendingRecords small = new PendingRecords(4_000);
        append(small, lines(10), settings());
        int bytes = small.batchBytes();

        assertThat(append(small, lines(100), settings())).isEqualTo(new PackOutcome.Full());

        assertThat(small.batchBytes()).isEqualTo(bytes);
        assertThat(append(new PendingRecords(4_000), lines(100), settings()))
                .isEqualTo(new PackOutcome.Added(0, 100));
    }

    @Test
    void aTimestampTooFarAheadIsRefusedUnlessTheNodesTimeCounts() {
        long ahead = NOW + TopicSettings.DEFAULTS.timestampAheadMaxMs();
        RecordSet tooFar = set(Record.newBuilder().setTimestampMs(ahead + 1));

        assertThat(reason(append(pending, tooFar, settings())))
                .isEqualTo(Reason.TIMESTAMP_TOO_FAR_AHEAD);
        assertThat(append(pending, set(Record.newBuilder().setTimestampMs(ahead)), settings()))
                .isInstanceOf(PackOutcome.Added.class);
        TopicSettings appendTime = settings("message.timestamp.type", "LogAppendTime");
        assertThat(append(pending, tooFar, appendTime)).isInstanceOf(PackOutcome.Added.class);
    }

    @Test
    void anEmptySetAndANegativeTimestampAreRefused() {
        assertThat(reason(append(pending, RecordSet.getDefaultInstance(), settings())))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(reason(append(pending, set(Record.newBuilder().setTimestampMs(-1)), settings())))
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void bytesThatProtobufDoesNotReadAreRefusedAndThoseItReadsAreRead() {
        byte[] good = lines(3).toByteArray();
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            PendingRecords some = new PendingRecords(TARGET);

            PackOutcome appended =
                    some.append(ByteString.copyFrom(bytes), NOW, TopicSettings.DEFAULTS);

            List<Record> oracle = parsed(bytes);
            if (appended instanceof PackOutcome.Added) {
                List<Record> withoutTime =
                        Decoded.of(encoder.encode(some, Compression.NONE, OptionalLong.empty()))
                                .records()
                                .stream()
                                .map(record -> record.toBuilder().clearTimestampMs().build())
                                .toList();
                assertThat(withoutTime).as("seed %d", seed).isEqualTo(oracle);
            }
        }
    }

    static final String LINE =
            "2026-11-21T04:41:16Z INFO [worker-7] GET /orders/81724 200 in 12 ms, user agent Mozilla/5.0 (X11; Linux x86_64) from 10.3.8.17, bytes 5120";

    private static BatchVerdict check(Slice batch) {
        BatchLimits limits = new BatchLimits(TARGET, 10_000_000_000L);
        return BatchValidator.check(batch.array(), batch.offset(), batch.length(), limits, NOW);
    }

    private Decoded encode() {
        return Decoded.of(encoder.encode(pending, Compression.ZSTD, OptionalLong.empty()));
    }

    private static PackOutcome append(
            PendingRecords to, RecordSet records, TopicSettings settings) {
        return to.append(records.toByteString(), NOW, settings);
    }

    private static Reason reason(PackOutcome appended) {
        return ((PackOutcome.Rejected) appended).problem().reason();
    }

    private static TopicSettings settings() {
        return TopicSettings.DEFAULTS;
    }

    private static TopicSettings settings(String key, Object value) {
        return TopicSettings.parse(Map.of(key, value.toString()));
    }

    private static RecordSet lines(int count) {
        RecordSet.Builder records = RecordSet.newBuilder();
        for (int i = 0; i < count; i++) {
            records.addRecords(Record.newBuilder().setValue(text(i + LINE)));
        }
        return records.build();
    }

    private static RecordSet set(Record.Builder... records) {
        RecordSet.Builder set = RecordSet.newBuilder();
        for (Record.Builder record : records) {
            set.addRecords(record);
        }
        return set.build();
    }

    private static Record.Builder keyed(String key) {
        return Record.newBuilder().setKey(text(key)).setTimestampMs(NOW - 5);
    }

    private static ByteString text(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static List<Record> parsed(byte[] bytes) {
        try {
            return RecordSet.parseFrom(bytes).getRecordsList().stream()
                    .map(record ->
                            record.toBuilder()
                                    .clearTimestampMs()
                                    .setUnknownFields(
                                            com.google.protobuf.UnknownFieldSet
                                                    .getDefaultInstance())
                                    .build())
                    .toList();
        } catch (com.google.protobuf.InvalidProtocolBufferException notProtobuf) {
            return List.of();
        }
    }

    private static Record randomRecord(Random random) {
        Record.Builder record = Record.newBuilder();
        if (random.nextBoolean()) {
            record.setKey(randomBytes(random, 200));
        }
        if (random.nextInt(10) > 0) {
            record.setValue(randomBytes(random, 3_000));
        }
        for (int i = random.nextInt(6) - 3; i > 0; i--) {
            Header.Builder header =
                    Header.newBuilder().setKey(random.nextBoolean() ? "trace" : "Ünïcode-\u20ac");
            if (random.nextBoolean()) {
                header.setValue(randomBytes(random, 40));
            }
            record.addHeaders(header);
        }
        if (random.nextBoolean()) {
            record.setTimestampMs(NOW - 1_000_000 + random.nextInt(2_000_000));
        }
        return record.build();
    }

    private static ByteString randomBytes(Random random, int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
