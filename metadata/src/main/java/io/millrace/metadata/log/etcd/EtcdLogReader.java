package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogPosition;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.BackoffSequence;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the log in etcd: one reading from the past to a pinned revision, then a watch from the
 * next one. Entries are numbered by the version of the head key; an entry that does not follow the
 * one before makes a new reading, so that nothing is ever skipped. Owned by its loop.
 */
final class EtcdLogReader {

    private static final Logger LOG = Logger.getLogger(EtcdLogReader.class);

    /** Who gets what was read. */
    interface Sink {
        /** The state as of a position, before any entry. */
        void checkpoint(LogPosition position, long digest, byte[] bytes, String name);

        /** The next entry, each once. */
        void entry(long number, EtcdKeys.@Nullable EntryKey key, byte[] bytes);

        /** The epoch that entries go to now. */
        void epoch(long epoch);

        /** The manifest as of a revision; 0 if there is none yet. */
        void manifest(byte[] bytes, long modRevision);

        /** The first reading is done. */
        void current();

        /** The log cannot be followed any more. */
        void broken(RuntimeException why);
    }

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdLogSettings settings;
    private final BackoffSequence backoff;
    private final EtcdOutage outage;
    private final EtcdSnapshotReading.Maker readings;
    private final Sink sink;
    private long delivered;
    private boolean checkpointed;
    private boolean current;
    private boolean closed;
    private boolean reading;
    private long openedNanos;
    private long resumeRevision;
    private long suspectNumber;
    private Etcd.@Nullable Watch watch;
    private Etcd.@Nullable KeyValue entry;

    EtcdLogReader(
            EventLoop loop,
            Etcd etcd,
            EtcdKeys keys,
            EtcdLogSettings settings,
            BackoffSequence backoff,
            EtcdOutage outage,
            EtcdSnapshotReading.Maker readings,
            Sink sink) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = keys;
        this.settings = settings;
        this.backoff = backoff;
        this.outage = outage;
        this.readings = readings;
        this.sink = sink;
    }

    void open() {
        openedNanos = loop.nanoTime();
        read();
    }

    long delivered() {
        return delivered;
    }

    private void read() {
        if (closed || reading) {
            return;
        }
        reading = true;
        closeWatch();
        readings.make(delivered, checkpointed, new Progress())
                .run()
                .whenComplete((revision, failure) -> {
                    reading = false;
                    if (failure == null) {
                        readUpTo(revision);
                    } else {
                        failed(LogFailures.of(failure));
                    }
                });
    }

    /** Takes over what a reading found. */
    private final class Progress implements EtcdSnapshotReading.Found {

        @Override
        public void checkpoint(LogPosition position, long digest, byte[] bytes, String name) {
            sink.checkpoint(position, digest, bytes, name);
            checkpointed = true;
            delivered = position.entry();
        }

        @Override
        public void entry(long number, EtcdKeys.@Nullable EntryKey key, byte[] bytes) {
            if (number == delivered + 1) {
                delivered = number;
                sink.entry(number, key, bytes);
            }
        }

        @Override
        public void epoch(long epoch) {
            sink.epoch(epoch);
        }

        @Override
        public void manifest(byte[] bytes, long modRevision) {
            sink.manifest(bytes, modRevision);
        }

        @Override
        public long delivered() {
            return delivered;
        }
    }

    private void readUpTo(long revision) {
        backoff.reset();
        outage.answered();
        checkpointed = true;
        resumeRevision = revision + 1;
        if (!current) {
            current = true;
            sink.current();
        }
        openWatch();
    }

    private void failed(RuntimeException why) {
        if (closed) {
            return;
        }
        boolean mayPass =
                why instanceof LogException.Unavailable
                        || (why instanceof EtcdException etcdWhy
                                && (current || !needsPerson(etcdWhy)));
        Duration tried = Duration.ofNanos(loop.nanoTime() - openedNanos);
        if (!mayPass || (!current && tried.compareTo(settings.openTimeout()) >= 0)) {
            closed = true;
            sink.broken(why);
            return;
        }
        outage.failed(why);
        loop.schedule(backoff.next(), this::read);
    }

    /** At the start nobody waits for what only a person can change. */
    private static boolean needsPerson(EtcdException why) {
        return why.kind() == EtcdException.Kind.DENIED || why.kind() == EtcdException.Kind.REJECTED;
    }

    private void openWatch() {
        if (closed) {
            return;
        }
        entry = null;
        watch = etcd.watch(keys.prefix, keys.end(), resumeRevision, false, new Events());
    }

    private void closeWatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    /** Starts the watch anew: something that is in the log was not delivered in time. */
    void restart() {
        if (!closed && !reading && watch != null) {
            closeWatch();
            openWatch();
        }
    }

    /** Somebody saw this head of the log. If it is not delivered in time, the watch is suspect. */
    void sawHead(long number) {
        if (number > delivered && number > suspectNumber) {
            suspectNumber = number;
            loop.schedule(
                    settings.deliveryTimeout(),
                    () -> {
                        if (delivered < number) {
                            LOG.warnf(
                                    "entry %d of the metadata log was not delivered; watching anew",
                                    number);
                            suspectNumber = 0;
                            restart();
                        }
                    });
        }
    }

    /** Somebody saw this generation of the cluster: if it is not that of this log, it ends. */
    void generation(Optional<Etcd.KeyValue> seen) {
        try {
            readings.generation().met(seen);
        } catch (LogException.Corrupt another) {
            if (!closed) {
                close();
                sink.broken(another);
            }
        }
    }

    /** One watch's events. Those of a watch that was replaced come to nobody. */
    private final class Events implements Etcd.Watcher {

        private boolean isCurrent() {
            return !closed && !reading;
        }

        @Override
        public void put(Etcd.KeyValue key) {
            if (!isCurrent()) {
                return;
            }
            backoff.reset();
            outage.answered();
            if (key.key().equals(keys.head)) {
                head(key);
            } else if (key.key().equals(keys.generation)) {
                generation(Optional.of(key));
            } else if (key.key().equals(keys.epoch)) {
                sink.epoch(EtcdKeys.number(key.value()));
            } else if (key.key().equals(keys.manifest)) {
                sink.manifest(key.value(), key.modRevision());
            } else if (keys.isEntry(key.key())) {
                if (entry != null) {
                    hole(key.modRevision());
                    return;
                }
                entry = key;
            }
        }

        private void head(Etcd.KeyValue head) {
            Etcd.KeyValue own = entry;
            entry = null;
            boolean follows = head.version() == delivered + 1;
            if (head.version() <= delivered) {
                resumeRevision = head.modRevision() + 1;
            } else if (follows && own != null && own.modRevision() == head.modRevision()) {
                delivered++;
                resumeRevision = head.modRevision() + 1;
                sink.entry(delivered, keys.parse(own.key()), own.value());
            } else {
                hole(head.modRevision());
            }
        }

        private void hole(long revision) {
            LOG.warnf(
                    "the watch of the metadata log skipped something before revision %d; reading it again",
                    revision);
            read();
        }

        @Override
        public void deleted(String key, long revision) {
            // Deletions follow an archive: they take nothing from the log.
        }

        @Override
        public void failed(EtcdException why) {
            if (!isCurrent()) {
                return;
            }
            watch = null;
            outage.failed(why);
            if (why.kind() == EtcdException.Kind.AWAY) {
                loop.schedule(
                        backoff.next(),
                        () -> {
                            if (watch == null && !reading) {
                                openWatch();
                            }
                        });
            } else {
                loop.schedule(backoff.next(), EtcdLogReader.this::read);
            }
        }
    }

    void close() {
        closed = true;
        closeWatch();
    }
}
