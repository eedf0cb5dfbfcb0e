package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class RestoreCheckTest {

    private static final long TOPIC = 1;

    private final Violations violations = new Violations();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final LogArchiveStore past =
            new LogArchiveStore(bucket, SimulatedCluster.NAME, new SplittableRandom(1));
    private final WholeLog log = new WholeLog();
    private LogManifest manifest = LogManifest.EMPTY;
    private final RestoreCheck check =
            new RestoreCheck(() -> manifest.toBytes(), bucket, log, violations);
    private final List<byte[]> live = new ArrayList<>();
    private long epoch;

    RestoreCheckTest() {
        append(new Command.TopicCreated("t", 1, Map.of()));
    }

    private void append(Command command) {
        byte[] entry = EntryCodec.encode(new Entry(9, log.newest() + 1, List.of(command)));
        live.add(entry);
        log.entry(entry);
        check.entry();
    }

    /** Stores a block with one record of the topic's only partition. */
    private ObjectKey write(long sequence) {
        ObjectRef block = new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, sequence), 100, 200);
        ObjectKey key = block.id().key(SimulatedCluster.NAME);
        bucket.put(key, ObjectBody.of(new byte[200]));
        append(
                new Command.BlockCommitted(
                        block,
                        0,
                        List.of(new BatchItem(TOPIC, 0, 1, 0, 100, 0, ProducerStamp.NONE))));
        return key;
    }

    private void trim(long offset) {
        append(new Command.LogStartAdvanced(TOPIC, List.of(new LogStart(0, offset))));
    }

    private StoredArchive seal() {
        long first = log.newest() - live.size() + 1;
        epoch++;
        ByteBuffer header = EpochFrames.header(epoch, first);
        ByteBuffer frame = EpochFrames.frame(first, EpochFrames.HEADER_BYTES, live);
        byte[] bytes =
                ByteBuffer.allocate(header.remaining() + frame.remaining())
                        .put(header)
                        .put(frame)
                        .array();
        StoredArchive archive =
                past.putArchive(epoch, first, live.size(), bytes).join().toBuilder()
                        .setDigest(log.state().digest())
                        .build();
        live.clear();
        manifest = manifest.with(archive);
        return archive;
    }

    /** Stores the current state as a checkpoint. */
    private StoredCheckpoint stored() {
        return past.putCheckpoint(log.newest(), log.state().digest(), log.state().snapshot())
                .join();
    }

    private void checkpoint() {
        manifest = manifest.with(stored(), 0);
    }

    private void delete(ObjectKey key) {
        check.deleting(List.of(key));
        bucket.delete(List.of(key));
    }

    @Test
    void acceptsDeletionsOfUnreferencedObjects() {
        ObjectKey old = write(0);
        write(1);
        trim(1);
        seal();
        checkpoint();
        delete(old);
        write(2);
        seal();
        check.checkEnd();

        assertThat(violations.first()).isNull();
        assertThat(check.restores()).isPositive();
    }

    @Test
    void detectsDeletionOfAnObjectInTheCheckpoint() {
        ObjectKey old = write(0);
        write(1);
        seal();
        checkpoint();
        trim(1);
        delete(old);

        assertThat(violations.first()).contains("needs it");
    }

    @Test
    void detectsDeletionOfAnObjectReferencedAfterTheCheckpoint() {
        seal();
        checkpoint();
        ObjectKey old = write(0);
        write(1);
        trim(1);
        delete(old);

        assertThat(violations.first()).contains("needs it");
    }

    @Test
    void detectsAMissingObject() {
        bucket.delete(List.of(write(0)));
        check.checkEnd();

        assertThat(violations.first()).contains("not in the bucket");
    }

    @Test
    void detectsDeletionOfAListedArchive() {
        delete(new ObjectKey(seal().getKey()));

        assertThat(violations.first()).contains("log manifest lists it");
    }

    @Test
    void detectsAMissingArchive() {
        bucket.delete(List.of(new ObjectKey(seal().getKey())));
        check.checkEnd();

        assertThat(violations.first()).contains("is in the log manifest, but not in the bucket");
    }

    @Test
    void detectsANeededArchiveMissingInTheManifest() {
        seal();
        checkpoint();
        LogManifest before = manifest;
        write(0);
        StoredArchive forgotten = seal();
        write(1);
        StoredArchive known = seal();
        manifest = before.with(known);
        check.checkEnd();

        assertThat(forgotten.getFirstPosition()).isEqualTo(before.firstLivePosition());
        assertThat(violations.first()).contains("in no retained archive");
    }

    @Test
    void detectsAMissingCheckpoint() {
        seal();
        checkpoint();
        bucket.delete(
                bucket.keys().stream().filter(key -> key.value().contains("checkpoint")).toList());
        check.checkEnd();

        assertThat(violations.first()).contains("is in the log manifest, but not in the bucket");
    }

    @Test
    void detectsACheckpointOfAnotherState() {
        StoredCheckpoint early = stored();
        write(0);
        seal();
        manifest = manifest.with(early.toBuilder().setPosition(log.newest()).build(), 0);
        check.checkEnd();

        assertThat(violations.first()).isNotNull();
    }
}
