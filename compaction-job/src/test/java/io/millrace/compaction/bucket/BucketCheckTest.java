package io.millrace.compaction.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.bucket.Finding.Condition;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class BucketCheckTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private final Map<String, Finding> found = new TreeMap<>();
    private final Topic topic;
    private long blocks;

    BucketCheckTest() {
        topic = fixture.createTopic("orders", 1);
    }

    /** Writes a block with one batch of about the given size. */
    private ObjectKey write(int sizeBytes) {
        byte[] batch = new byte[sizeBytes];
        new Random(blocks).nextBytes(batch);
        BatchHeader.write(batch, 0, sizeBytes, BatchHeader.Fields.anonymous(0, 10, 0, 0));
        StreamObjectBuilder builder = new StreamObjectBuilder();
        builder.add(topic.id(), 0, new Slice(batch, 0, sizeBytes));
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, blocks++);
        SealedObject sealed = builder.seal(id).object();
        ObjectKey key = id.key("c");
        assertThat(objects.put(key, sealed.body())).isCompleted();
        ObjectRef ref = sealed.ref();
        fixture.propose(
                new Command.BlockCommitted(
                        ref,
                        0,
                        List.of(
                                new BatchItem(
                                        topic.id(), 0, 10, 16, sizeBytes, 0, ProducerStamp.NONE))));
        return key;
    }

    private CompletableFuture<Void> check(Optional<Executor> workers) {
        found.clear();
        CompletableFuture<Void> done =
                new BucketCheck(fixture.metadata(), bucket, "c", workers, this::receive).run();
        loop.advance(Duration.ofSeconds(1));
        return done;
    }

    private CompletableFuture<Void> receive(List<Finding> some) {
        some.forEach(finding ->
                assertThat(found.put(finding.name(), finding))
                        .as("reported once: %s", finding.name())
                        .isNull());
        return CompletableFuture.completedFuture(null);
    }

    private void verify() {
        assertThat(check(Optional.of(Runnable::run))).isCompleted();
    }

    private Finding found(ObjectKey key) {
        assertThat(found).containsKey(key.value());
        return Objects.requireNonNull(found.get(key.value()));
    }

    @Test
    void intactObjectsAreSound() {
        write(1_000);
        write(9 << 20);
        objects.put(new ObjectKey("notes"), ObjectBody.of(new byte[3]));
        verify();
        assertThat(found.values())
                .extracting(Finding::status)
                .containsExactlyInAnyOrder(
                        ObjectStatus.REFERENCED, ObjectStatus.REFERENCED, ObjectStatus.FOREIGN);
        assertThat(found.values()).extracting(Finding::condition).containsOnly(Condition.SOUND);
    }

    @Test
    void aReferencedObjectThatIsNotListedIsMissing() {
        write(1_000);
        ObjectKey gone = write(1_000);
        objects.delete(List.of(gone));
        String archive = new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 1, 5).key("c").value();
        fixture.log().archived(StoredArchive.newBuilder().setKey(archive).setEpoch(1).build());
        assertThat(check(Optional.empty())).isCompleted();

        assertThat(found).hasSize(3);
        assertThat(found(gone).condition()).isEqualTo(Condition.MISSING);
        assertThat(found(gone).explanation()).contains("records of topic orders");
        assertThat(found(new ObjectKey(archive)).condition()).isEqualTo(Condition.MISSING);
    }

    /** Writes an archive of three entries that the log manifest references. */
    private ObjectKey archive() {
        ByteBuffer header = EpochFrames.header(1, 1);
        ByteBuffer frame =
                EpochFrames.frame(
                        1,
                        EpochFrames.HEADER_BYTES,
                        List.of(new byte[50], new byte[60], new byte[70]));
        byte[] bytes =
                ByteBuffer.allocate(header.remaining() + frame.remaining())
                        .put(header)
                        .put(frame)
                        .array();
        ObjectKey key = new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 1, 5).key("c");
        objects.put(key, ObjectBody.of(bytes));
        fixture.log()
                .archived(
                        StoredArchive.newBuilder()
                                .setKey(key.value())
                                .setSizeBytes(bytes.length)
                                .setEpoch(1)
                                .setFirstPosition(1)
                                .setEntries(3)
                                .build());
        return key;
    }

    /** Writes a checkpoint that the log manifest references. */
    private ObjectKey checkpoint(long position) {
        byte[] bytes = CheckpointCodec.encode(new MetadataState().snapshot());
        ObjectKey key = new ArchiveKey(ArchiveKey.Kind.CHECKPOINT, position, 6).key("c");
        objects.put(key, ObjectBody.of(bytes));
        fixture.log()
                .checkpointed(
                        StoredCheckpoint.newBuilder()
                                .setKey(key.value())
                                .setSizeBytes(bytes.length)
                                .setPosition(position)
                                .build());
        return key;
    }

    @Test
    void aFlippedBitInTheLogsPastIsFoundByReadingAndSaidToBeNeeded() {
        for (ObjectKey key : List.of(checkpoint(1), archive())) {
            verify();
            assertThat(found(key).status()).isEqualTo(ObjectStatus.METADATA);
            assertThat(found(key).condition()).isEqualTo(Condition.SOUND);
            for (int position : List.of(3, 25, 40)) {
                objects.flipBit(key, position);
                assertThat(check(Optional.empty())).isCompleted();
                assertThat(found(key).condition()).isEqualTo(Condition.SOUND);

                verify();
                assertThat(found(key).condition())
                        .as("%s, byte %d", key, position)
                        .isEqualTo(Condition.DAMAGED);
                assertThat(found(key).explanation())
                        .contains("Restore the object", "do not stop any running node");
                objects.flipBit(key, position);
            }
        }
    }

    @Test
    void aDamagedArchiveThatACheckpointCoversIsNotNeededToStart() {
        ObjectKey archive = archive();
        checkpoint(3);
        objects.flipBit(archive, 40);
        verify();
        assertThat(found(archive).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(archive).explanation()).contains("nodes start without it");
    }

    @Test
    void objectsOfOlderBackupsAreReportedAsNeededForARestore() {
        fixture.log().setCheckpointRetention(Duration.ofHours(1));
        ObjectKey superseded = checkpoint(1);
        ObjectKey archive = archive();
        checkpoint(3);
        for (ObjectKey key : List.of(superseded, archive)) {
            objects.flipBit(key, 40);
            verify();
            assertThat(found(key).condition()).isEqualTo(Condition.DAMAGED);
            assertThat(found(key).explanation()).contains("backups of etcd");
        }
    }

    @Test
    void aPartOfTheLogsPastThatHasAnotherSizeNeedNotBeRead() {
        ObjectKey key = checkpoint(1);
        objects.put(key, ObjectBody.of(new byte[10]));
        assertThat(check(Optional.empty())).isCompleted();
        assertThat(found(key).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(key).explanation()).contains("has 10 bytes");
    }

    @Test
    void aCheckpointThatANewerOneReplacesWhileItIsReadIsNotMissing() {
        ObjectKey key = checkpoint(1);
        bucket.next(
                Fault.none(),
                Fault.chosen(() -> {
                    checkpoint(2);
                    objects.delete(List.of(key));
                    return Fault.none();
                }));
        verify();
        assertThat(found(key).condition()).isEqualTo(Condition.SOUND);
        assertThat(found(key).status()).isEqualTo(ObjectStatus.METADATA);
    }

    @Test
    void aCheckpointThatGoesWhileItIsReadAndIsNamedStillIsMissing() {
        ObjectKey key = checkpoint(1);
        bucket.next(
                Fault.none(),
                Fault.chosen(() -> {
                    objects.delete(List.of(key));
                    return Fault.none();
                }));
        verify();
        assertThat(found(key).condition()).isEqualTo(Condition.MISSING);
    }

    @Test
    void anObjectOfAnotherSizeIsDamagedAndNeedNotBeRead() {
        ObjectKey key = write(1_000);
        objects.put(key, ObjectBody.of(new byte[10]));
        assertThat(check(Optional.empty())).isCompleted();
        assertThat(found(key).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(key).explanation()).contains("has 10 bytes");
    }

    @Test
    void aFlippedBitIsFoundByReading() {
        write(1_000);
        ObjectKey key = write(9 << 20);
        for (int position : List.of(3, 5_000_000, (9 << 20) + 16, (9 << 20) + 700)) {
            objects.flipBit(key, position);
            assertThat(check(Optional.empty())).isCompleted();
            assertThat(found(key).condition()).isEqualTo(Condition.SOUND);

            verify();
            assertThat(found(key).condition()).as("byte %d", position).isEqualTo(Condition.DAMAGED);
            assertThat(found).hasSize(2);
            objects.flipBit(key, position);
        }
    }

    @Test
    void anObjectDereferencedDuringItsReadIsNotMissing() {
        ObjectKey key = write(1_000);
        bucket.next(
                Fault.none(),
                Fault.chosen(() -> {
                    fixture.metadata()
                            .propose(
                                    new Command.LogStartAdvanced(
                                            topic.id(), List.of(new LogStart(0, 10))),
                                    Metadata.Priority.BACKGROUND);
                    objects.delete(List.of(key));
                    return Fault.none();
                }));
        verify();
        assertThat(found(key).condition()).isEqualTo(Condition.SOUND);
        assertThat(found(key).status()).isEqualTo(ObjectStatus.IN_GRACE);
    }

    @Test
    void aReferencedObjectDeletedDuringItsReadIsMissing() {
        ObjectKey key = write(1_000);
        bucket.next(
                Fault.none(),
                Fault.chosen(() -> {
                    objects.delete(List.of(key));
                    return Fault.none();
                }));
        verify();
        assertThat(found(key).condition()).isEqualTo(Condition.MISSING);
    }

    @Test
    void anUploadThatIsNotFinishedIsNamed() {
        write(1_000);
        ObjectKey begun = new ObjectId(ObjectId.Kind.SEGMENT, 7, 5).key("c");
        ObjectKey others = new ObjectId(ObjectId.Kind.SEGMENT, 7, 5).key("d");
        for (ObjectKey key : List.of(begun, others)) {
            objects.uploads().create(key, MultipartUpload.MIN_PART_BYTES).join();
        }
        verify();

        assertThat(found).hasSize(2);
        assertThat(found(begun).status()).isEqualTo(ObjectStatus.INCOMPLETE_UPLOAD);
        assertThat(found(begun).condition()).isEqualTo(Condition.SOUND);
    }

    @Test
    void allFindingsAreReportedIfUploadsCannotBeListed() {
        ObjectKey there = write(1_000);
        ObjectKey gone = write(1_000);
        objects.delete(List.of(gone));
        bucket.listsNoUploads(new ObjectStoreException.RequestRejected("403: AccessDenied", null));

        assertThat(check(Optional.of(Runnable::run)))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(BucketCheck.UploadsUnlisted.class)
                .withMessageContaining("s3:ListBucketMultipartUploads")
                .withMessageContaining("AccessDenied");
        assertThat(found(there).condition()).isEqualTo(Condition.SOUND);
        assertThat(found(gone).condition()).isEqualTo(Condition.MISSING);
    }

    @Test
    void aBucketThatIsAwayEndsTheCheck() {
        write(1_000);
        bucket.next(
                Fault.none(), Fault.failing(new ObjectStoreException.Unavailable("away", null)));
        assertThat(check(Optional.of(Runnable::run))).isCompletedExceptionally();
    }

    @Test
    void unreadableObjectsAreReportedAndTheCheckContinues() {
        ObjectKey rejected = write(1_000);
        ObjectKey unavailable = write(1_000);
        ObjectKey damaged = write(1_000);
        ObjectKey sound = write(1_000);
        objects.flipBit(damaged, 20);
        bucket.forObject(
                rejected, Fault.failing(new ObjectStoreException.RequestRejected("403", null)));
        bucket.forObject(
                unavailable, Fault.failing(new ObjectStoreException.Unavailable("EIO", null)));
        verify();

        assertThat(found(rejected).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(rejected).explanation()).contains("cannot be read").contains("403");
        assertThat(found(unavailable).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(unavailable).explanation()).contains("cannot be read").contains("EIO");
        assertThat(found(damaged).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(sound).condition()).isEqualTo(Condition.SOUND);
    }

    @Test
    void aTransientFailureIsRetried() {
        ObjectKey first = write(1_000);
        write(1_000);
        bucket.next(Fault.none(), Fault.failing(new ObjectStoreException.Unavailable("EIO", null)));
        verify();
        assertThat(found(first).condition()).isEqualTo(Condition.SOUND);
    }

    @Test
    void anUnreadableArchiveIsReported() {
        ObjectKey record = write(1_000);
        ObjectKey archive = archive();
        bucket.forObject(
                archive, Fault.failing(new ObjectStoreException.RequestRejected("403", null)));
        verify();

        assertThat(found(archive).condition()).isEqualTo(Condition.DAMAGED);
        assertThat(found(archive).explanation()).contains("403").contains("Restore the object");
        assertThat(found(record).condition()).isEqualTo(Condition.SOUND);
    }
}
