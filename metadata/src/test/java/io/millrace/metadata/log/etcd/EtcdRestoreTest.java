package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.Proposal;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.log.etcd.EtcdCluster.Member;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.restore.LogReplay;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestorePlan;
import io.millrace.metadata.restore.RestorePlanner;
import io.millrace.metadata.restore.RestoreTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the creation of a log in an empty etcd from the bucket. */
final class EtcdRestoreTest {

    private static final ClusterId IDENTITY =
            ClusterId.parse("0123456789abcdef0123456789abcdef").orElseThrow();

    private final EtcdCluster cluster = new EtcdCluster(1, 0, Duration.ofMinutes(10));
    private final SplittableRandom random = new SplittableRandom(7);
    private final LogArchiveStore past =
            new LogArchiveStore(cluster.bucket, "test", new SplittableRandom(8));
    private final List<String> topics = new ArrayList<>();
    private Member former;

    @BeforeEach
    void writeAndLoseEtcd() {
        former = cluster.startReady(true);
        for (int i = 0; i < 60; i++) {
            write(former);
        }
        cluster.pass(Duration.ofMinutes(1));
        cluster.etcd.loseAll();
    }

    private CompletableFuture<Proposal> write(Member member) {
        topics.add("t" + topics.size());
        CompletableFuture<Proposal> written = cluster.create(member, topics.getLast());
        cluster.pass(Duration.ofSeconds(1));
        return written;
    }

    private EtcdRestore restore() {
        FakeEtcd.Client client = cluster.etcd.client();
        return new EtcdRestore(
                cluster.loop, client, "test", EtcdLogSettings.DEFAULTS, random.split());
    }

    private <T> CompletableFuture<T> wait(CompletableFuture<T> step) {
        cluster.pass(Duration.ofSeconds(1));
        assertThat(step).isDone();
        return step;
    }

    private RestorePlan plan() {
        List<RestorableLog> logs =
                past.manifests().join().stream()
                        .map(object -> {
                            ManifestKey key =
                                    ManifestKey.parse(object.name(), "test").orElseThrow();
                            return new RestorableLog(
                                    key, past.manifest(key, object.sizeBytes()).join());
                        })
                        .toList();
        return RestorePlanner.plan(logs, OptionalLong.empty(), new RestoreTarget.Newest());
    }

    private LogManifest restoredManifest() {
        RestorePlan plan = plan();
        LogReplay replay = new LogReplay(FeatureLevels.ALL, plan.target());
        replay.checkpoint(plan.start(), past.checkpoint(plan.start()).join());
        for (StoredArchive archive : plan.archives()) {
            replay.archive(archive, past.archive(archive).join());
        }
        StoredCheckpoint checkpoint =
                past.putCheckpoint(
                                replay.state().entries(),
                                replay.state().digest(),
                                replay.state().snapshot())
                        .thenCompose(past::withStorageTime)
                        .join();
        return plan.log()
                .manifest()
                .restoredTo(checkpoint, plan.log().key().key("test"), key -> true);
    }

    @Test
    void theRestoredLogHasAllArchivedEntriesAndContinues() {
        EtcdRestore restore = restore();
        wait(restore.claim()).join();
        wait(restore.create(IDENTITY, 2, restoredManifest())).join();
        wait(restore.release()).join();
        int restored = topics.size();

        Member member = cluster.startReady(true);
        assertThat(member.replica().generation()).isEqualTo(2);
        assertThat(member.replica().topics().all()).hasSize(restored);
        for (int i = 0; i < 60; i++) {
            assertThat(write(member)).isCompleted();
        }
        Member late = cluster.startReady(false);
        assertThat(late.replica().topics().all()).hasSize(restored + 60);
        assertThat(late.replica().digest()).isEqualTo(member.replica().digest());
        assertThat(cluster.etcd.keys()).doesNotContain("/millrace/test/restore");
        assertThat(former.replica().stopped()).as("a node with the former etcd").isDone();
        assertThat(plan().log().key().generation()).as("the next restore").isEqualTo(2);
    }

    @Test
    void aCopyOfTheManifestIsInTheBucketBeforeAnEntryIsArchived() {
        assertThat(plan().log().end()).isGreaterThanOrEqualTo(topics.size());
        assertThat(past.manifests().join()).as("older copies are deleted").hasSize(1);
    }

    @Test
    void anEtcdWithKeysOfTheClusterIsRefused() {
        cluster.etcd.put("/millrace/test/nodes/a", "x");

        assertThatThrownBy(() -> wait(restore().claim()).join())
                .hasCauseInstanceOf(LogException.InUse.class)
                .hasMessageContaining("etcd has keys of the cluster (/millrace/test/nodes/a)");
    }

    @Test
    void keysOfOtherClustersDoNotMatter() {
        cluster.etcd.put("/millrace/test0/epoch", "x");
        cluster.etcd.put("/millrace/tes/epoch", "x");

        assertThat(wait(restore().claim())).isCompleted();
    }

    @Test
    void oneOfTwoRestoresWins() {
        EtcdRestore one = restore();
        EtcdRestore two = restore();
        CompletableFuture<Void> first = one.claim();
        CompletableFuture<Void> second = two.claim();
        cluster.pass(Duration.ofSeconds(1));

        assertThat(List.of(first.isCompletedExceptionally(), second.isCompletedExceptionally()))
                .containsExactlyInAnyOrder(true, false);
        EtcdRestore loser = first.isCompletedExceptionally() ? one : two;
        wait(loser.create(IDENTITY, 2, restoredManifest()))
                .handle((done, failure) ->
                        assertThat(failure).hasCauseInstanceOf(LogException.InUse.class))
                .join();
        assertThat(cluster.etcd.keys()).containsExactly("/millrace/test/restore");
    }

    @Test
    void aRestoreThatTakesLongKeepsItsClaim() {
        EtcdRestore slow = restore();
        wait(slow.claim()).join();
        cluster.pass(EtcdRestore.CLAIM_LIFE.multipliedBy(3));

        assertThatThrownBy(() -> wait(restore().claim()).join())
                .hasMessageContaining("Another restore into this etcd");
        assertThat(wait(slow.create(IDENTITY, 2, restoredManifest()))).isCompleted();
    }

    @Test
    void anInterruptedRestoreIsRepeatedAfterItsClaimExpired() {
        FakeEtcd.Client killed = cluster.etcd.client();
        wait(new EtcdRestore(cluster.loop, killed, "test", EtcdLogSettings.DEFAULTS, random.split())
                        .claim())
                .join();
        killed.setDisconnected(true);
        cluster.pass(EtcdRestore.CLAIM_LIFE.plusSeconds(2));

        assertThat(cluster.etcd.keys()).isEmpty();
        assertThat(wait(restore().claim())).isCompleted();
    }
}
