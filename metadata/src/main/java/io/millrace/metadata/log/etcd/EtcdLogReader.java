package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogPosition;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.BackoffSequence;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the log in etcd: reads up to a pinned revision, then watches. The head key numbers the
 * entries; an entry out of sequence triggers a new read. Owned by its event loop.
 */
final class EtcdLogReader {

    private static final Logger LOG = Logger.getLogger(EtcdLogReader.class);

    interface Sink {
        void checkpoint(LogPosition position, long digest, byte[] bytes, String name);

        /** Receives the next entry, exactly once. */
        void entry(long number, EtcdKeys.@Nullable EntryKey key, byte[] bytes);

        void epoch(long epoch);

        /**
         * @param modRevision 0 if there is no manifest yet
         */
        void manifest(byte[] bytes, long modRevision);

        void initialReadDone();

        void logFailed(RuntimeException why);
    }

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdLogSettings settings;
    private final BackoffSequence backoff;
    private final EtcdOutage outage;
    private final EtcdSnapshotReading.ReadingFactory readings;
    private final Sink sink;
    private LogHead head = LogHead.FIRST;
    private long delivered;
    private long epoch;
    private boolean checkpointed;
    private boolean initialReadDone;
    private boolean closed;
    private boolean reading;
    private long progressNanos;
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
            EtcdSnapshotReading.ReadingFactory readings,
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
        progressNanos = loop.nanoTime();
        read();
    }

    long delivered() {
        return delivered;
    }

    /** Returns the head as the last read found it, for appends. */
    LogHead head() {
        return head;
    }

    LogProgress progress() {
        return new LogProgress(epoch, delivered);
    }

    private void noteEpoch(long current) {
        epoch = Math.max(epoch, current);
        sink.epoch(current);
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
                        readCompleted(revision);
                    } else {
                        failed(LogFailures.causeOf(failure));
                    }
                });
    }

    private final class Progress implements EtcdSnapshotReading.LogContentReceiver {

        @Override
        public void checkpoint(LogPosition position, long digest, byte[] bytes, String name) {
            sink.checkpoint(position, digest, bytes, name);
            checkpointed = true;
            delivered = position.entry();
            progressNanos = loop.nanoTime();
        }

        @Override
        public void entry(long number, EtcdKeys.@Nullable EntryKey key, byte[] bytes) {
            if (number == delivered + 1) {
                delivered = number;
                progressNanos = loop.nanoTime();
                sink.entry(number, key, bytes);
            }
        }

        @Override
        public void epoch(long current) {
            noteEpoch(current);
        }

        @Override
        public void head(LogHead found) {
            head = found;
        }

        @Override
        public void manifest(byte[] bytes, long modRevision) {
            sink.manifest(bytes, modRevision);
        }

        @Override
        public void progressed() {
            progressNanos = loop.nanoTime();
        }

        @Override
        public LogProgress reached() {
            return progress();
        }
    }

    private void readCompleted(long revision) {
        backoff.reset();
        outage.callSucceeded();
        checkpointed = true;
        resumeRevision = revision + 1;
        if (!initialReadDone) {
            initialReadDone = true;
            sink.initialReadDone();
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
                                && (initialReadDone || !needsOperator(etcdWhy)));
        Duration tried = Duration.ofNanos(loop.nanoTime() - progressNanos);
        if (!mayPass || (!initialReadDone && tried.compareTo(settings.openTimeout()) >= 0)) {
            closed = true;
            sink.logFailed(why);
            return;
        }
        outage.callFailed(why);
        loop.schedule(backoff.nextPause(), this::read);
    }

    /** Returns whether opening must not retry, because only an operator can resolve the failure. */
    private static boolean needsOperator(EtcdException why) {
        return why.kind() == EtcdException.Kind.DENIED || why.kind() == EtcdException.Kind.REJECTED;
    }

    private void openWatch() {
        if (closed) {
            return;
        }
        entry = null;
        watch = etcd.watch(keys.prefix, keys.end(), resumeRevision, false, new LogWatcher());
    }

    private void closeWatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    /** Opens a new watch after a late delivery. */
    void restart() {
        if (!closed && !reading && watch != null) {
            closeWatch();
            openWatch();
        }
    }

    /**
     * Notes the end of the log that another call returned. Replaces the watch if its last entry is
     * not delivered in time, and ends the log if the end is before the progress when the call
     * began.
     */
    void noteHead(LogProgress before, LogProgress end) {
        verify(() -> before.verifyReply(end));
        long number = end.entries();
        if (!closed && number > delivered && number > suspectNumber) {
            suspectNumber = number;
            loop.schedule(
                    settings.deliveryTimeout(),
                    () -> {
                        if (delivered < number) {
                            LogFields.entry(number)
                                    .log(() ->
                                            LOG.warnf(
                                                    "entry %d of the metadata log was not delivered in time; opening a new watch",
                                                    number));
                            suspectNumber = 0;
                            restart();
                        }
                    });
        }
    }

    /** Ends the log if another call returned a changed generation or identity. */
    void noteGeneration(List<Optional<Etcd.KeyValue>> seen) {
        verify(() -> readings.generation().adoptOrVerify(seen));
    }

    private void verify(Runnable comparison) {
        try {
            comparison.run();
        } catch (LogException.Corrupt another) {
            stop(another);
        }
    }

    private void stop(LogException.Corrupt why) {
        if (!closed) {
            close();
            sink.logFailed(why);
        }
    }

    /** Ignores events of a watch that was replaced. */
    private final class LogWatcher implements Etcd.Watcher {

        private boolean isCurrent() {
            return !closed && !reading;
        }

        @Override
        public void put(Etcd.KeyValue key) {
            if (!isCurrent()) {
                return;
            }
            backoff.reset();
            outage.callSucceeded();
            if (key.key().equals(keys.head)) {
                head(key);
            } else if (key.key().equals(keys.generation)) {
                verify(() -> readings.generation().adoptOrVerify(Optional.of(key)));
            } else if (key.key().equals(keys.epoch)) {
                noteEpoch(EtcdKeys.number(key.value()));
            } else if (key.key().equals(keys.manifest)) {
                sink.manifest(key.value(), key.modRevision());
            } else if (keys.isEntry(key.key())) {
                if (entry != null) {
                    readAgainAfterGap(key.modRevision());
                    return;
                }
                entry = key;
            }
        }

        private void head(Etcd.KeyValue stored) {
            Etcd.KeyValue own = entry;
            entry = null;
            long number = LogHead.entries(stored);
            boolean follows = number == delivered + 1;
            if (number <= delivered) {
                resumeRevision = stored.modRevision() + 1;
            } else if (follows && own != null && own.modRevision() == stored.modRevision()) {
                delivered++;
                resumeRevision = stored.modRevision() + 1;
                sink.entry(delivered, keys.parse(own.key()), own.value());
            } else {
                readAgainAfterGap(stored.modRevision());
            }
        }

        private void readAgainAfterGap(long revision) {
            LOG.warnf(
                    "the watch of the metadata log skipped a change before revision %d; reading the log again",
                    revision);
            read();
        }

        @Override
        public void deleted(String key, long revision) {
            // Only archived entries are deleted.
        }

        @Override
        public void failed(EtcdException why) {
            if (!isCurrent()) {
                return;
            }
            watch = null;
            outage.callFailed(why);
            if (why.kind() == EtcdException.Kind.UNAVAILABLE) {
                loop.schedule(
                        backoff.nextPause(),
                        () -> {
                            if (watch == null && !reading) {
                                openWatch();
                            }
                        });
            } else {
                loop.schedule(backoff.nextPause(), EtcdLogReader.this::read);
            }
        }
    }

    void close() {
        closed = true;
        closeWatch();
    }
}
