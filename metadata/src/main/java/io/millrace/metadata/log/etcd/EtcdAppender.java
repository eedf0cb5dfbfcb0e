package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.BackoffSequence;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Appends entries to the log in etcd, one at a time. Retries an entry under the same identity, in
 * the current epoch, until the reader delivers the entry. Owned by its event loop.
 */
final class EtcdAppender {

    private static final Logger LOG = Logger.getLogger(EtcdAppender.class);

    private record Pending(EntryId id, byte[] bytes, CompletableFuture<AppendOutcome> done) {}

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdGeneration generation;
    private final EtcdLogReader reader;
    private final EtcdLogSettings settings;
    private final BackoffSequence backoff;
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    private @Nullable Pending inFlight;
    private @Nullable Problem rejection;
    private final EtcdOutage outage;
    private long epoch;

    EtcdAppender(
            EventLoop loop,
            Etcd etcd,
            EtcdKeys keys,
            EtcdGeneration generation,
            EtcdLogReader reader,
            EtcdLogSettings settings,
            BackoffSequence backoff,
            EtcdOutage outage) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = keys;
        this.generation = generation;
        this.reader = reader;
        this.settings = settings;
        this.backoff = backoff;
        this.outage = outage;
    }

    void epoch(long current) {
        epoch = Math.max(epoch, current);
    }

    CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes) {
        CompletableFuture<AppendOutcome> done = new CompletableFuture<>();
        if (rejection != null) {
            done.complete(new AppendOutcome.NotAppended(rejection));
            return done;
        }
        queue.add(new Pending(id, bytes, done));
        sendNext();
        return done;
    }

    private void sendNext() {
        Pending next = inFlight == null ? queue.poll() : null;
        if (next != null) {
            inFlight = next;
            send(next);
        }
    }

    private void send(Pending entry) {
        if (inFlight != entry) {
            return;
        }
        long into = epoch;
        String key = keys.entry(into, entry.id());
        etcd.txn(
                        concat(
                                generation.unchangedConditions(),
                                List.of(
                                        new Etcd.Condition.ValueIs(
                                                keys.epoch, EtcdKeys.number(into)),
                                        new Etcd.Condition.Absent(key))),
                        List.of(
                                new Etcd.Op.Put(key, entry.bytes()),
                                new Etcd.Op.Put(keys.head, reader.head().value())),
                        concat(
                                List.of(new Etcd.Op.Get(key), new Etcd.Op.Get(keys.epoch)),
                                generation.readOperations()))
                .whenComplete((result, failure) -> {
                    if (inFlight != entry) {
                        return;
                    }
                    if (failure != null) {
                        failed(entry, LogFailures.causeOf(failure));
                    } else {
                        handleResult(entry, into, result);
                    }
                });
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    private void handleResult(Pending entry, long into, Etcd.TxnResult result) {
        outage.callSucceeded();
        backoff.reset();
        if (result.succeeded()) {
            awaitDelivery(entry);
            return;
        }
        try {
            generation.adoptOrVerify(result.gets().subList(2, 4));
        } catch (LogException.Corrupt another) {
            stopWithUnknownOutcome(String.valueOf(another.getMessage()));
            return;
        }
        Optional<Etcd.KeyValue> existing = result.gets().get(0);
        Optional<Etcd.KeyValue> current = result.gets().get(1);
        if (existing.isPresent()) {
            if (Arrays.equals(existing.get().value(), entry.bytes())) {
                awaitDelivery(entry);
            } else {
                stopWithUnknownOutcome(
                        "Another process writes to the metadata log under this process's incarnation. Restart this process.");
            }
        } else if (current.isEmpty()) {
            stopWithUnknownOutcome(
                    "The keys of the metadata log are missing from etcd. Restore etcd from a backup.");
        } else {
            sendAgain(entry, into, EtcdKeys.number(current.get().value()));
        }
    }

    /** Sends an entry again after an attempt in an epoch that is not the current one. */
    private void sendAgain(Pending entry, long into, long current) {
        if (current < into) {
            stopWithUnknownOutcome(
                    "The metadata log in etcd is at epoch %d, but this node has already appended to epoch %d. etcd lost its data: restore it from a backup, then restart this node."
                            .formatted(current, into));
        } else if (current > into) {
            epoch(current);
            send(entry);
        } else {
            loop.schedule(backoff.nextPause(), () -> send(entry));
        }
    }

    private void awaitDelivery(Pending entry) {
        loop.schedule(
                settings.deliveryTimeout(),
                () -> {
                    if (inFlight == entry) {
                        LOG.warn(
                                "the metadata log did not deliver an entry that this node appended; opening a new watch");
                        reader.restart();
                        send(entry);
                    }
                });
    }

    private void failed(Pending entry, RuntimeException why) {
        outage.callFailed(why);
        loop.schedule(backoff.nextPause(), () -> send(entry));
    }

    /**
     * Returns the array of the append in flight if its identity and content are the same, which
     * saves decoding.
     */
    byte[] reuseOwnBytes(EntryId id, byte[] bytes) {
        Pending own = inFlight;
        return own != null && own.id().equals(id) && Arrays.equals(own.bytes(), bytes)
                ? own.bytes()
                : bytes;
    }

    void delivered(EntryId id) {
        Pending own = inFlight;
        if (own != null && own.id().equals(id)) {
            inFlight = null;
            own.done().complete(new AppendOutcome.Appended());
            sendNext();
        }
    }

    private void stopWithUnknownOutcome(String message) {
        stop(new Problem(Reason.METADATA_UNAVAILABLE, message));
    }

    /** Rejects all pending and later appends and stops retrying. */
    void stop(Problem why) {
        if (rejection != null) {
            return;
        }
        rejection = why;
        Pending own = inFlight;
        inFlight = null;
        if (own != null) {
            own.done().complete(new AppendOutcome.Indeterminate(why));
        }
        List<Pending> rejected = List.copyOf(queue);
        queue.clear();
        rejected.forEach(pending -> pending.done().complete(new AppendOutcome.NotAppended(why)));
    }

    boolean isIdle() {
        return inFlight == null && queue.isEmpty();
    }
}
