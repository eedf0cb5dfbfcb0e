package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.runtime.loop.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The digests that the open processes publish in etcd for the end of each epoch. A sealer counts
 * them before it archives the epoch. Owned by its event loop.
 */
final class DigestVotes {

    /** The lifetime of a vote. The vote of a dead process must not count for ever. */
    private static final Duration LIFE = Duration.ofSeconds(30);

    /** The time for which a sealer waits for the votes of registered nodes. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(10);

    private static final int MAX_VOTERS = 10_000;

    /** The result of a count, as seen by the counting process. */
    sealed interface Verdict {

        /** The process is in the majority. */
        record Agreed() implements Verdict {}

        /** Registered nodes have not voted yet. */
        record Pending() implements Verdict {}

        /** The majority has another digest. */
        record Outvoted(long majority) implements Verdict {}

        /**
         * No digest has a majority.
         *
         * @param digests the different digests and their numbers of votes
         */
        record Disputed(String digests) implements Verdict {}
    }

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdGeneration generation;
    private final String self;
    private long publishedPosition;
    private long publishedNanos;
    private long awaitedPosition;
    private long awaitedSinceNanos;

    /**
     * @param self a random number, different for each process
     */
    DigestVotes(EventLoop loop, Etcd etcd, EtcdKeys keys, EtcdGeneration generation, long self) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = keys;
        this.generation = generation;
        this.self = HexFormat.of().toHexDigits(self);
    }

    /** Publishes a digest, unless it is published. Retried by the next call after a failure. */
    void publish(long position, long digest) {
        long now = loop.nanoTime();
        if (position == publishedPosition && now - publishedNanos < LIFE.dividedBy(2).toNanos()) {
            return;
        }
        publishedPosition = position;
        publishedNanos = now;
        etcd.grantLease(LIFE)
                .thenCompose(lease ->
                        etcd.txn(
                                generation.unchangedConditions(),
                                List.of(
                                        new Etcd.Op.Put(
                                                keys.vote(position, self),
                                                value(digest),
                                                OptionalLong.of(lease))),
                                List.of()))
                .whenComplete((done, failure) -> {
                    if (failure != null && publishedPosition == position) {
                        publishedPosition = 0;
                    }
                });
    }

    private static byte[] value(long digest) {
        return HexFormat.of().toHexDigits(digest).getBytes(StandardCharsets.US_ASCII);
    }

    /** Counts the votes for a position, including this process with its current digest. */
    CompletableFuture<Verdict> count(long position, long own) {
        if (position != awaitedPosition) {
            awaitedPosition = position;
            awaitedSinceNanos = loop.nanoTime();
        }
        boolean waited = loop.nanoTime() - awaitedSinceNanos >= MAX_WAIT.toNanos();
        return etcd.range(keys.votes(position), keys.votesEnd(position), 0, MAX_VOTERS)
                .thenCombine(
                        etcd.range(keys.nodes(), keys.nodesEnd(), 0, MAX_VOTERS),
                        (votes, nodes) -> {
                            Map<String, Integer> counts = new HashMap<>();
                            counts.put(text(value(own)), 1);
                            for (Etcd.KeyValue vote : votes.keys()) {
                                if (!vote.key().endsWith(self)) {
                                    counts.merge(text(vote.value()), 1, Integer::sum);
                                }
                            }
                            return verdict(counts, text(value(own)), nodes.keys().size(), waited);
                        });
    }

    private static String text(byte[] vote) {
        return new String(vote, StandardCharsets.US_ASCII);
    }

    private static Verdict verdict(
            Map<String, Integer> counts, String own, int registered, boolean waited) {
        int votes = counts.values().stream().mapToInt(Integer::intValue).sum();
        if (votes < registered && !waited) {
            return new Verdict.Pending();
        }
        for (Map.Entry<String, Integer> digest : counts.entrySet()) {
            if (digest.getValue() * 2 > votes) {
                return digest.getKey().equals(own)
                        ? new Verdict.Agreed()
                        : new Verdict.Outvoted(HexFormat.fromHexDigitsToLong(digest.getKey()));
            }
        }
        return new Verdict.Disputed(
                String.join(
                        ", ",
                        counts.entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .map(digest ->
                                        "%s at %d nodes"
                                                .formatted(digest.getKey(), digest.getValue()))
                                .toList()));
    }
}
