package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.runtime.loop.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The part of a restore that writes to etcd. A key with a lease admits one restore at a time, and
 * one transaction creates the log as a whole, so that an interrupted restore leaves no log. Any
 * thread; owned by its event loop. Futures fail with a {@link LogException}.
 */
public final class EtcdRestore {

    /** The time after which an interrupted restore no longer prevents the next. */
    public static final Duration CLAIM_LIFE = Duration.ofSeconds(20);

    private static final int LISTED_KEYS = 5;

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final StartTransactions calls;
    private final byte[] token;
    private OptionalLong lease = OptionalLong.empty();

    /**
     * @param etcd the client on the same event loop; the caller closes it
     */
    public EtcdRestore(
            EventLoop loop,
            Etcd etcd,
            String cluster,
            EtcdLogSettings settings,
            RandomGenerator random) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = new EtcdKeys(cluster);
        this.calls = new StartTransactions(loop, etcd, settings, random);
        this.token =
                HexFormat.of().toHexDigits(random.nextLong()).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Verifies that etcd has no key of the cluster.
     *
     * @return fails with {@link LogException.InUse} otherwise
     */
    public CompletableFuture<Void> requireEmpty() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        loop.runNowOrLater(() ->
                calls.txn(List.of(), List.of(new Etcd.Op.Get(keys.epoch)))
                        .thenCompose(
                                reached -> etcd.range(keys.prefix, keys.allEnd(), 0, LISTED_KEYS))
                        .whenComplete((page, failure) -> {
                            if (failure != null) {
                                result.completeExceptionally(
                                        LogFailures.asLogException(LogFailures.causeOf(failure)));
                            } else if (page.keys().isEmpty()) {
                                result.complete(null);
                            } else {
                                result.completeExceptionally(notEmpty(page));
                            }
                        }));
        return result;
    }

    private LogException.InUse notEmpty(Etcd.Page page) {
        boolean restoring =
                page.keys().size() == 1 && page.keys().getFirst().key().equals(keys.restore);
        return restoring ? anotherRestore() : notEmpty(page.keys(), page.more());
    }

    private LogException.InUse notEmpty(List<Etcd.KeyValue> found, boolean more) {
        return new LogException.InUse(
                "etcd has keys of the cluster (%s%s), so nothing was restored: a restore never replaces a log. Correct --etcd and --cluster. If this log is to be replaced, stop all nodes and delete the keys that begin with %s."
                        .formatted(
                                String.join(", ", found.stream().map(Etcd.KeyValue::key).toList()),
                                more ? ", and more" : "",
                                keys.prefix),
                null);
    }

    private LogException.InUse anotherRestore() {
        return new LogException.InUse(
                "Another restore into this etcd is running, or was interrupted in the last %d s. Wait for its end; if it failed, run this command again."
                        .formatted(CLAIM_LIFE.toSeconds()),
                null);
    }

    /**
     * Claims the empty etcd for this restore and keeps the claim until it is released.
     *
     * @return fails with {@link LogException.InUse} if there are keys, or another restore
     */
    public CompletableFuture<Void> claim() {
        return requireEmpty()
                .thenCompose(empty -> onLoop(() -> etcd.grantLease(CLAIM_LIFE)))
                .thenCompose(granted -> {
                    List<Etcd.Condition> conditions = new ArrayList<>(noLog());
                    conditions.add(new Etcd.Condition.Absent(keys.restore));
                    return calls.txn(
                                    conditions,
                                    List.of(
                                            new Etcd.Op.Put(
                                                    keys.restore, token, OptionalLong.of(granted))))
                            .thenCompose(done -> verifyClaim(granted));
                });
    }

    /** An attempt without an answer may have taken effect. */
    private CompletableFuture<Void> verifyClaim(long granted) {
        return calls.txn(List.of(), List.of(new Etcd.Op.Get(keys.restore)))
                .thenAccept(result -> {
                    if (result.gets()
                            .getFirst()
                            .filter(found -> Arrays.equals(found.value(), token))
                            .isEmpty()) {
                        throw anotherRestore();
                    }
                    lease = OptionalLong.of(granted);
                    renewLater(granted);
                });
    }

    private void renewLater(long held) {
        loop.schedule(
                CLAIM_LIFE.dividedBy(4),
                () -> {
                    if (lease.isPresent()) {
                        // A lost lease is noticed by the transaction that creates the log.
                        var unused =
                                etcd.renewLease(held)
                                        .whenComplete((renewed, failure) -> renewLater(held));
                    }
                });
    }

    /** Gives the claim back, after a failure. */
    public CompletableFuture<Void> release() {
        return onLoop(() -> {
            OptionalLong held = lease;
            lease = OptionalLong.empty();
            return held.isPresent()
                    ? etcd.revokeLease(held.getAsLong())
                    : CompletableFuture.completedFuture(null);
        });
    }

    /**
     * Creates the restored log under the claim.
     *
     * @param manifest the manifest whose checkpoint is the restored point
     * @return fails with {@link LogException.InUse} if the claim was lost
     */
    public CompletableFuture<Void> create(
            ClusterId identity, long generation, LogManifest manifest) {
        List<Etcd.Condition> conditions = new ArrayList<>(noLog());
        conditions.add(new Etcd.Condition.ValueIs(keys.restore, token));
        byte[] head = LogHead.restored(manifest.checkpointPosition()).value();
        return calls.txn(
                        conditions,
                        List.of(
                                new Etcd.Op.Put(
                                        keys.epoch, EtcdKeys.number(manifest.firstLiveEpoch())),
                                new Etcd.Op.Put(keys.generation, EtcdKeys.number(generation)),
                                new Etcd.Op.Put(keys.identity, identity.toBytes()),
                                new Etcd.Op.Put(keys.manifest, manifest.toBytes()),
                                new Etcd.Op.Put(keys.head, head)))
                .thenCompose(done -> calls.txn(List.of(), List.of(new Etcd.Op.Get(keys.identity))))
                .thenAccept(result -> {
                    if (result.gets()
                            .getFirst()
                            .filter(found -> Arrays.equals(found.value(), identity.toBytes()))
                            .isEmpty()) {
                        throw new LogException.InUse(
                                "etcd was unavailable for more than %d s, or another process wrote to it, so the log was not created. Run this command again."
                                        .formatted(CLAIM_LIFE.toSeconds()),
                                null);
                    }
                });
    }

    private List<Etcd.Condition> noLog() {
        return List.of(
                new Etcd.Condition.Absent(keys.epoch),
                new Etcd.Condition.Absent(keys.generation),
                new Etcd.Condition.Absent(keys.identity),
                new Etcd.Condition.Absent(keys.manifest),
                new Etcd.Condition.Absent(keys.head),
                new Etcd.Condition.Absent(keys.secret));
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.runNowOrLater(() ->
                call.get()
                        .whenComplete((value, failure) -> {
                            if (failure == null) {
                                result.complete(value);
                            } else {
                                result.completeExceptionally(
                                        LogFailures.asLogException(LogFailures.causeOf(failure)));
                            }
                        }));
        return result;
    }
}
