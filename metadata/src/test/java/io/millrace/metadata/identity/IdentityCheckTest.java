package io.millrace.metadata.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.etcd.EtcdIdentity;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.local.FolderIdentity;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdentityCheckTest {

    private static final ObjectKey BLOCK = new ObjectKey("07/test/wal/00000000000000aa/3");

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SplittableRandom random = new SplittableRandom(1);
    @TempDir Path folder;

    private CompletableFuture<ClusterId> start(FakeEtcd etcd, Optional<String> adopted) {
        return start(
                new EtcdIdentity(loop, etcd.client(), "test", EtcdLogSettings.DEFAULTS, random),
                "test",
                adopted);
    }

    private CompletableFuture<ClusterId> start(
            LogIdentity log, String cluster, Optional<String> adopted) {
        CompletableFuture<ClusterId> checked =
                new IdentityCheck(
                                log,
                                bucket,
                                new IdentityCheck.Place(cluster, "etcd=here", "s3://logs"),
                                adopted,
                                random)
                        .run();
        loop.advance(Duration.ofSeconds(1));
        return checked;
    }

    private ClusterId started(FakeEtcd etcd) {
        return start(etcd, Optional.empty()).join();
    }

    private void append(FakeEtcd etcd) {
        Etcd client = etcd.client();
        loop.call(() ->
                client.txn(
                        List.of(),
                        List.of(new Etcd.Op.Put("/millrace/test/log/head", new byte[0])),
                        List.of()));
        loop.advance(Duration.ofSeconds(1));
    }

    private void store(ObjectKey key) {
        bucket.put(key, ObjectBody.of(new byte[1])).join();
    }

    private static String refusal(CompletableFuture<ClusterId> checked) {
        assertThatThrownBy(checked::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(LogException.ForeignBucket.class);
        return String.valueOf(checked.exceptionNow().getMessage());
    }

    @Test
    void aNewClusterGetsAnIdentityThatAllItsNodesFind() {
        FakeEtcd etcd = new FakeEtcd(loop);
        ClusterId id = started(etcd);
        ClusterId beforeTheFirstEntry = started(etcd);
        append(etcd);
        store(BLOCK);

        assertThat(beforeTheFirstEntry).isEqualTo(id);
        assertThat(started(etcd)).isEqualTo(id);
        assertThat(bucket.keys()).contains(id.key("test"));
    }

    @Test
    void aNodeThatReadTheLogBeforeAnotherStoredTheIdentityAdoptsIt() {
        FakeEtcd etcd = new FakeEtcd(loop);
        LogIdentity late =
                new LogIdentity() {
                    private final LogIdentity log =
                            new EtcdIdentity(
                                    loop, etcd.client(), "test", EtcdLogSettings.DEFAULTS, random);
                    private int reads;

                    @Override
                    public CompletableFuture<Held> read() {
                        return reads++ == 0
                                ? CompletableFuture.completedFuture(
                                        new Held(Optional.empty(), true))
                                : log.read();
                    }

                    @Override
                    public CompletableFuture<Void> putIfAbsent(ClusterId id) {
                        return log.putIfAbsent(id);
                    }
                };
        ClusterId id = started(etcd);

        assertThat(start(late, "test", Optional.empty()).join()).isEqualTo(id);
    }

    @Test
    void anEmptyLogBesideObjectsOfTheClusterIsRefused() {
        FakeEtcd etcd = new FakeEtcd(loop);
        ClusterId lost = started(etcd);
        append(etcd);
        store(BLOCK);
        FakeEtcd empty = new FakeEtcd(loop);

        assertThat(refusal(start(empty, Optional.empty())))
                .contains(
                        "log (etcd=here) is empty",
                        "s3://logs has 1 objects, stored from 1970",
                        "restore it from a backup",
                        "--adopt-bucket " + lost);
        assertThat(empty.keys()).isEmpty();
        assertThat(bucket.keys()).containsExactly(BLOCK, lost.key("test"));
    }

    @Test
    void anEmptyLogBesideTheIdentityOfAnEmptyClusterIsRefused() {
        ClusterId other = started(new FakeEtcd(loop));

        assertThat(refusal(start(new FakeEtcd(loop), Optional.empty())))
                .contains("the identity " + other + ", stored at 1970");
    }

    @Test
    void anEmptyLogWithItsIdentityBesideObjectsIsRefused() {
        FakeEtcd etcd = new FakeEtcd(loop);
        ClusterId id = started(etcd);
        store(BLOCK);

        assertThat(refusal(start(etcd, Optional.empty()))).contains("--adopt-bucket " + id);
    }

    @Test
    void anEmptyLogBesideObjectsWithoutIdentityIsRefused() {
        store(BLOCK);

        assertThat(refusal(start(new FakeEtcd(loop), Optional.empty())))
                .contains("--adopt-bucket unidentified");
    }

    @Test
    void theObjectsAreFoundAmongThoseOfOtherPrograms() {
        for (int i = 0; i < 1_100; i++) {
            store(new ObjectKey("00/photos/%04d".formatted(i)));
        }
        store(BLOCK);

        assertThat(refusal(start(new FakeEtcd(loop), Optional.empty()))).contains("1 objects");
    }

    @Test
    void clustersOfDifferentNamesShareABucket() {
        ClusterId clusterId = started(new FakeEtcd(loop));
        store(BLOCK);
        LogIdentity log =
                new EtcdIdentity(
                        loop,
                        new FakeEtcd(loop).client(),
                        "other",
                        EtcdLogSettings.DEFAULTS,
                        random);

        assertThat(start(log, "other", Optional.empty()).join()).isNotEqualTo(clusterId);
    }

    @Test
    void aLogWithEntriesRequiresItsOwnIdentityInTheBucket() {
        FakeEtcd etcd = new FakeEtcd(loop);
        ClusterId id = started(etcd);
        append(etcd);
        bucket.delete(List.of(id.key("test"))).join();

        assertThat(refusal(start(etcd, Optional.empty())))
                .contains("does not have its identity " + id, "--adopt-bucket unidentified");
        assertThat(start(etcd, Optional.of("unidentified")).join()).isEqualTo(id);
        assertThat(started(etcd)).isEqualTo(id);
    }

    @Test
    void aLogWithEntriesWithoutIdentityIsRefused() {
        FakeEtcd etcd = new FakeEtcd(loop);
        append(etcd);

        assertThat(refusal(start(etcd, Optional.empty())))
                .contains("neither the log nor the bucket s3://logs has an identity");
    }

    @Test
    void aLogWithEntriesIsRefusedBesideTheIdentityOfAnotherCluster() {
        FakeEtcd etcd = new FakeEtcd(loop);
        ClusterId id = started(etcd);
        append(etcd);
        ClusterId other = new ClusterId("0123456789abcdef0123456789abcdef");
        store(other.key("test"));

        assertThat(refusal(start(etcd, Optional.empty())))
                .contains("the identity " + other, "has the identity " + id, "another cluster");
    }

    @Test
    void theNamedBucketIsAdoptedAndItsFormerClusterIsRefused() {
        FakeEtcd former = new FakeEtcd(loop);
        ClusterId lost = started(former);
        append(former);
        store(BLOCK);
        FakeEtcd etcd = new FakeEtcd(loop);
        ClusterId id = start(etcd, Optional.of(lost.value())).join();
        append(etcd);

        assertThat(bucket.keys()).containsExactly(BLOCK, id.key("test"));
        assertThat(started(etcd)).isEqualTo(id);
        assertThat(refusal(start(former, Optional.empty()))).contains("the identity " + id);
    }

    @Test
    void anAdoptionOfAnotherIdentityIsRefused() {
        started(new FakeEtcd(loop));
        store(BLOCK);
        String other = "0123456789abcdef0123456789abcdef";

        refusal(start(new FakeEtcd(loop), Optional.of(other)));
        refusal(start(new FakeEtcd(loop), Optional.of("unidentified")));
    }

    @Test
    void theIdentityOfALocalLogIsInItsFolder() {
        LogIdentity log = new FolderIdentity(new SystemDisk(), folder.resolve("log"));
        ClusterId id = start(log, "test", Optional.empty()).join();
        LogIdentity lost = new FolderIdentity(new SystemDisk(), folder.resolve("other"));

        assertThat(start(log, "test", Optional.empty()).join()).isEqualTo(id);
        assertThat(folder.resolve("log/identity")).hasContent(id.value());
        assertThat(refusal(start(lost, "test", Optional.empty()))).contains("--data");
    }

    @Test
    void etcdMayBeUnavailableForAWhile() {
        FakeEtcd etcd = new FakeEtcd(loop);
        FakeEtcd.Client client = etcd.client();
        client.setDisconnected(true);
        CompletableFuture<ClusterId> checked =
                start(
                        new EtcdIdentity(loop, client, "test", EtcdLogSettings.DEFAULTS, random),
                        "test",
                        Optional.empty());
        assertThat(checked).isNotDone();
        client.setDisconnected(false);
        loop.advance(Duration.ofSeconds(3));

        assertThat(checked).isCompleted();
    }
}
