package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.log.LogException;
import io.millrace.runtime.loop.EventLoop;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The secret of a cluster's nodes as a key in etcd, created by the first node of each generation. A
 * secret of another generation, for example from a backup, is replaced. Any thread; owned by its
 * event loop.
 */
public final class EtcdNodeSecret {

    /** The generation and the secret. */
    private static final Pattern STORED = Pattern.compile("([0-9]{16})-([0-9a-f]{64})");

    private final EtcdKeys keys;
    private final ClusterId identity;
    private final StartTransactions calls;
    private final SecureRandom random;

    /**
     * @param etcd the client on the same event loop; the caller closes it
     * @param identity the identity of the cluster, which etcd must hold
     */
    public EtcdNodeSecret(
            EventLoop loop,
            Etcd etcd,
            String cluster,
            EtcdLogSettings settings,
            ClusterId identity,
            SecureRandom random) {
        this.keys = new EtcdKeys(cluster);
        this.identity = identity;
        this.calls = new StartTransactions(loop, etcd, settings, random);
        this.random = random;
    }

    /**
     * Reads the secret, and creates one if there is none of this generation.
     *
     * @param generation the generation of the opened log
     * @return fails with a {@link LogException}, also if the generation has changed meanwhile
     */
    public CompletableFuture<NodeSecret> readOrCreate(long generation) {
        EtcdGeneration current = new EtcdGeneration(keys, Optional.of(identity));
        List<Etcd.Op> reads = new ArrayList<>(current.readOperations());
        reads.add(new Etcd.Op.Get(keys.secret));
        return calls.txn(List.of(), reads)
                .thenCompose(result -> {
                    current.adoptOrVerify(result.gets().subList(0, 2));
                    if (current.number() != generation) {
                        throw new LogException.Corrupt(
                                "The generation of the cluster changed from %d to %d while this node started, because its etcd was restored from a backup. Restart this node to load the restored state."
                                        .formatted(generation, current.number()),
                                null);
                    }
                    Optional<Etcd.KeyValue> stored = result.gets().get(2);
                    return stored.flatMap(found -> parse(found, generation))
                            .map(CompletableFuture::completedFuture)
                            .orElseGet(() -> create(current, stored));
                });
    }

    /** Puts a new secret. The next read shows whether another node was first. */
    private CompletableFuture<NodeSecret> create(
            EtcdGeneration current, Optional<Etcd.KeyValue> replaced) {
        List<Etcd.Condition> conditions = new ArrayList<>(current.unchangedConditions());
        conditions.add(
                new Etcd.Condition.UnchangedSince(
                        keys.secret, replaced.map(Etcd.KeyValue::modRevision).orElse(0L)));
        byte[] value = encode(current.number(), NodeSecret.random(random));
        return calls.txn(conditions, List.of(new Etcd.Op.Put(keys.secret, value)))
                .thenCompose(done -> readOrCreate(current.number()));
    }

    private static byte[] encode(long generation, NodeSecret secret) {
        String digits = new String(EtcdKeys.number(generation), StandardCharsets.US_ASCII);
        return (digits + "-" + secret.toHex()).getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns empty for a secret of another generation. */
    private Optional<NodeSecret> parse(Etcd.KeyValue stored, long generation) {
        Matcher text = STORED.matcher(new String(stored.value(), StandardCharsets.US_ASCII));
        if (!text.matches()) {
            throw new LogException.Corrupt(
                    "The key %s in etcd is not a secret of nodes, so this node could not prove its identity to others. Delete the key and restart all nodes; they create a new one."
                            .formatted(keys.secret),
                    null);
        }
        return Long.parseLong(text.group(1)) == generation
                ? NodeSecret.parse(text.group(2))
                : Optional.empty();
    }
}
