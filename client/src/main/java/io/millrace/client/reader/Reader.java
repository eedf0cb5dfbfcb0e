package io.millrace.client.reader;

import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.cluster.PartitionCall;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.ReadRecord;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.runtime.retry.Backoff;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads partitions from given start positions, each partition in order. Prefetches up to {@link
 * ReaderSettings#prefetchBytes}. After a broken connection or a lost node, reading resumes at the
 * same offset.
 *
 * <p>Only one caller may poll at a time. A retriable error of a partition is thrown after an outage
 * of {@link ReaderSettings#unreachableAfter}; any other error is thrown once and stops the
 * partition until {@link #seek}. A batch that fails its checksum is fetched again by the next poll.
 */
public final class Reader implements AutoCloseable {

    private final ReaderSettings settings;
    private final IoThread io;
    private final NodeCalls nodes;
    private final Connections connections;
    private final FetchBuffer buffer = new FetchBuffer();
    private final Map<TopicPartition, ReadCursor> cursors = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new ConcurrentHashMap<>();
    private final PartitionFetcher fetcher;
    private final ClientMetrics metrics;
    private final Runnable closeHook = this::close;
    private volatile boolean closed;

    public Reader(
            ReaderSettings settings,
            IoThread io,
            NodeCalls nodes,
            Connections connections,
            Map<TopicPartition, StartPosition> partitions,
            Backoff backoff,
            ClientMetrics metrics) {
        this.settings = settings;
        this.io = io;
        this.nodes = nodes;
        this.connections = connections;
        this.metrics = metrics;
        partitions.forEach((id, start) -> cursors.put(id, new ReadCursor(id, start)));
        List<ReadCursor> ordered =
                cursors.keySet().stream().sorted().map(id -> cursor(id)).toList();
        this.fetcher = new PartitionFetcher(settings, io, nodes, buffer, ordered, backoff, metrics);
        connections.addCloseListener(closeHook);
        fetcher.wake();
    }

    /**
     * Waits for records.
     *
     * @return batches in order for each partition; empty if the timeout passes first
     * @throws MillraceException if a partition cannot be read, after an outage of {@link
     *     ReaderSettings#unreachableAfter}, or if the thread is interrupted
     */
    public List<ReadBatch> poll(Duration timeout) {
        List<ReadBatch> ready = take();
        if (!ready.isEmpty()) {
            return ready;
        }
        long deadline = io.nanoTime() + timeout.toNanos();
        while (ready.isEmpty()) {
            long left = deadline - io.nanoTime();
            if (left <= 0) {
                return ready;
            }
            try {
                buffer.whenNotEmpty().get(left, TimeUnit.NANOSECONDS);
            } catch (TimeoutException nothing) {
                return ready;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new MillraceException.Closed("The poll was interrupted.");
            } catch (ExecutionException impossible) {
                throw new IllegalStateException("The buffer's future cannot fail", impossible);
            }
            ready = take();
        }
        return ready;
    }

    /**
     * Waits for records like {@link #poll} and decodes all of them into memory.
     *
     * @throws MillraceException.Undecodable if the first batch cannot be decoded. Later polls throw
     *     again until a {@link #seek}; no other records are lost
     */
    public List<ReadRecord> pollRecords(Duration timeout) {
        List<ReadRecord> records = new ArrayList<>();
        List<ReadBatch> batches = poll(timeout);
        for (int i = 0; i < batches.size(); i++) {
            int decoded = records.size();
            try {
                batches.get(i).forEach(records::add);
            } catch (MillraceException.Undecodable failure) {
                records.subList(decoded, records.size()).clear();
                readAgain(batches.subList(i, batches.size()));
                if (records.isEmpty()) {
                    throw failure;
                }
                return records;
            }
        }
        return records;
    }

    /** Moves the partitions of undelivered batches back. */
    private void readAgain(List<ReadBatch> batches) {
        Map<TopicPartition, Long> firstOffsets = new HashMap<>();
        batches.forEach(batch -> firstOffsets.putIfAbsent(batch.partition(), batch.firstOffset()));
        firstOffsets.forEach((partition, offset) -> {
            positions.put(partition, offset);
            moveCursor(cursor(partition), StartPosition.offset(offset));
        });
    }

    /** Returns the batches of {@link #poll} once there is at least 1 batch. */
    public CompletableFuture<List<ReadBatch>> pollAsync() {
        return buffer.whenNotEmpty()
                .thenApply(nothing -> take())
                .thenCompose(ready ->
                        ready.isEmpty() ? pollAsync() : CompletableFuture.completedFuture(ready));
    }

    /** Continues a partition at a new position. Drops its fetched but unpolled batches. */
    public void seek(TopicPartition partition, StartPosition start) {
        ReadCursor cursor = cursor(partition);
        positions.remove(partition);
        moveCursor(cursor, start);
    }

    /** Returns the offset of the next record to be polled; -1 before the first record. */
    public long position(TopicPartition partition) {
        return positions.getOrDefault(partition, -1L);
    }

    public long offsetOf(TopicPartition partition, StartPosition start) {
        if (start instanceof StartPosition.Offset(long offset)) {
            return offset;
        }
        ListOffsetsRequest request =
                ListOffsetsRequest.newBuilder()
                        .addQueries(ReadPlan.offsetQuery(partition, start))
                        .build();
        Duration timeout = Duration.ofSeconds(30);
        var answers =
                UnaryCalls.await(
                        PartitionCall.of(io, nodes, ClusterNode.Role.FETCH, partition)
                                .query(FetchGrpc.getListOffsetsMethod(), request, timeout),
                        timeout.plusSeconds(1),
                        "Looking up an offset");
        if (answers.getAnswers(0).hasError()) {
            throw CallFailures.ofProblem(CallFailures.problemOf(answers.getAnswers(0).getError()));
        }
        return answers.getAnswers(0).getOffset();
    }

    public ReaderSettings settings() {
        return settings;
    }

    /** Stops fetching. Current and later polls throw {@link MillraceException.Closed}. */
    @Override
    public void close() {
        closed = true;
        connections.removeCloseListener(closeHook);
        fetcher.close();
        buffer.close();
        metrics.readerClosed(cursors.keySet());
    }

    private ReadCursor cursor(TopicPartition partition) {
        ReadCursor cursor = cursors.get(partition);
        if (cursor == null) {
            throw new IllegalArgumentException("Not a partition of this reader: " + partition);
        }
        return cursor;
    }

    private void moveCursor(ReadCursor cursor, StartPosition start) {
        fetcher.seek(cursor, start, cursor.raiseEpoch());
    }

    private List<ReadBatch> take() {
        if (closed) {
            throw new MillraceException.Closed("The reader is closed.");
        }
        List<ReadBatch> ready = new ArrayList<>();
        List<FetchBuffer.Item> items = buffer.drain();
        for (int i = 0; i < items.size(); i++) {
            switch (items.get(i)) {
                case FetchBuffer.Item.Batches batches -> {
                    fetcher.polled(batches.bytes().limit(), false);
                    split(batches, ready);
                }
                case FetchBuffer.Item.Failure failure -> {
                    if (ready.isEmpty()) {
                        putBack(items, i + 1);
                        fetcher.polled(0, true);
                        throw failure.failure().copy();
                    }
                    putBack(items, i);
                    return ready;
                }
            }
        }
        return ready;
    }

    private void putBack(List<FetchBuffer.Item> items, int from) {
        for (int i = items.size() - 1; i >= from; i--) {
            buffer.putBack(items.get(i));
        }
    }

    private void split(FetchBuffer.Item.Batches fetched, List<ReadBatch> ready) {
        ReadCursor cursor = fetched.cursor();
        ByteBuffer bytes = fetched.bytes();
        int at = 0;
        int records = 0;
        while (at < bytes.limit() && !cursor.isOutdated(fetched.epoch())) {
            int length = ReadBatch.lengthAt(bytes, at);
            ReadBatch batch;
            try {
                batch =
                        ReadBatch.decodeAt(
                                cursor.partition,
                                bytes,
                                at,
                                length,
                                fetched.wantedOffset(),
                                fetched.highWatermark());
            } catch (MillraceException.Corrupt damaged) {
                long next = positions.getOrDefault(cursor.partition, fetched.wantedOffset());
                moveCursor(cursor, StartPosition.offset(next));
                buffer.add(new FetchBuffer.Item.Failure(damaged));
                return;
            }
            positions.put(cursor.partition, batch.nextOffset());
            if (!batch.isControl()) {
                ready.add(batch.with(settings.undecodable()));
                records += batch.recordCount();
            }
            at += length;
        }
        metrics.polled(new ClientMetrics.ReadBatches(cursor.partition.topic(), records, at));
        metrics.lag(
                cursor.partition,
                Math.max(
                        0,
                        fetched.highWatermark()
                                - positions.getOrDefault(
                                        cursor.partition, fetched.wantedOffset())));
    }
}
