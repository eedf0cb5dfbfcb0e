package io.millrace.client;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FakeLog;
import io.millrace.client.record.FetchedBytes;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.Assigned;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.Batches;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.HeartbeatAck;
import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.Lost;
import io.millrace.protocol.v1.OffsetQuery;
import io.millrace.protocol.v1.OffsetToCommit;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.PartitionFailed;
import io.millrace.protocol.v1.PartitionName;
import io.millrace.protocol.v1.Revoke;
import io.millrace.protocol.v1.Seek;
import io.millrace.protocol.v1.Sought;
import io.millrace.protocol.v1.StartPosition;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.protocol.v1.SubscriptionGrpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The subscriptions of the fake server: sends each batch in a message of its own, up to the granted
 * credit. Breaks streams and stops responding when the test demands. Thread-safe; guarded by the
 * coordinator's lock.
 */
public final class FakeSubscriptions extends SubscriptionGrpc.SubscriptionImplBase {

    private final FakeLog log;
    private final FakeCoordinator coordinator;
    private final Set<Stream> streams = new CopyOnWriteArraySet<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger toDamage = new AtomicInteger();
    private volatile boolean ignoreMembers;
    private volatile int timeoutMs = 10_000;
    private volatile int intervalMs = 1_000;

    FakeSubscriptions(FakeLog log) {
        this.log = log;
        this.coordinator = log.coordinator();
        log.whenAppended(() -> streams.forEach(Stream::pump));
    }

    FakeCoordinator coordinator() {
        return coordinator;
    }

    /** Sets the intervals for members that join from now on. */
    public void session(int heartbeatMs, int sessionMs) {
        intervalMs = heartbeatMs;
        timeoutMs = sessionMs;
    }

    /** Sets whether the group ignores all messages of members while everything else works. */
    void ignoreMembers(boolean choice) {
        ignoreMembers = choice;
    }

    /** Damages the next {@code count} batches. */
    public void damage(int count) {
        toDamage.set(count);
    }

    /** Returns the number of streams opened so far. */
    int opened() {
        return opened.get();
    }

    int open() {
        return streams.size();
    }

    /** Breaks all streams, as a dying node does. */
    public void breakStreams() {
        streams.forEach(Stream::breakOff);
    }

    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> answers) {
        Stream stream = new Stream(answers);
        streams.add(stream);
        opened.incrementAndGet();
        return stream;
    }

    /** The state of one partition on one stream. */
    private static final class Part {
        long position;
        boolean paused;
        boolean going;
        boolean failed;
        int seeks;
    }

    private final class Stream
            implements StreamObserver<SubscribeRequest>, FakeCoordinator.Attached {
        private final StreamObserver<SubscribeResponse> answers;
        private final Map<TopicPartition, Part> parts = new LinkedHashMap<>();
        private Open open = Open.getDefaultInstance();
        private String member = "";
        private long messages;
        private long bytes;
        private long records;
        private boolean over;

        Stream(StreamObserver<SubscribeResponse> answers) {
            this.answers = answers;
        }

        private void send(SubscribeResponse.Builder response) {
            if (!over) {
                answers.onNext(response.build());
            }
        }

        @Override
        public void onNext(SubscribeRequest message) {
            synchronized (coordinator) {
                if (over) {
                    return;
                }
                messages++;
                switch (message.getRequestCase()) {
                    case OPEN -> begin(message.getOpen());
                    case CREDIT -> {
                        bytes += message.getCredit().getBytes();
                        records += message.getCredit().getRecords();
                    }
                    case COMMIT -> commit(message.getCommit());
                    case RELEASED -> {
                        List<TopicPartition> ids = ids(message.getReleased().getPartitionsList());
                        ids.forEach(parts::remove);
                        coordinator.released(member, ids);
                    }
                    case PAUSE ->
                            ids(message.getPause().getPartitionsList())
                                    .forEach(id -> {
                                        Part part = parts.get(id);
                                        if (part != null) {
                                            part.paused = !message.getPause().getResume();
                                        }
                                    });
                    case SEEK -> seek(message.getSeek());
                    case LEAVE -> {
                        coordinator.leave(member);
                        end();
                        answers.onCompleted();
                    }
                    case ACCEPT, HEARTBEAT, REQUEST_NOT_SET -> {}
                }
                if (!ignoreMembers && !over && !open.getGroup().isEmpty()) {
                    send(
                            SubscribeResponse.newBuilder()
                                    .setHeartbeatAck(
                                            HeartbeatAck.newBuilder().setMessages(messages)));
                }
                pump();
            }
        }

        private void begin(Open opening) {
            open = opening;
            if (open.getGroup().isEmpty()) {
                send(SubscribeResponse.newBuilder().setJoined(Joined.getDefaultInstance()));
                List<TopicPartition> all = new ArrayList<>();
                log.topics()
                        .forEach(topic -> {
                            for (int i = 0; i < topic.getPartitionCount(); i++) {
                                all.add(new TopicPartition(topic.getName(), i));
                            }
                        });
                assigned(all, false);
                return;
            }
            coordinator.join(
                    open.getMemberId(),
                    this,
                    id -> {
                        member = id;
                        send(
                                SubscribeResponse.newBuilder()
                                        .setJoined(
                                                Joined.newBuilder()
                                                        .setMemberId(id)
                                                        .setHeartbeatIntervalMs(intervalMs)
                                                        .setSessionTimeoutMs(timeoutMs)));
                    });
        }

        private void commit(Commit commit) {
            Problem problem = null;
            for (OffsetToCommit each : commit.getOffsetsList()) {
                TopicPartition id = new TopicPartition(each.getTopic(), each.getPartition());
                Problem commitProblem =
                        coordinator.commit(member, id, each.getOffset(), each.getMetadata());
                problem = problem == null ? commitProblem : problem;
            }
            Committed.Builder answer = Committed.newBuilder().setId(commit.getId());
            if (problem != null) {
                answer.setError(problem.toStatus());
            }
            send(SubscribeResponse.newBuilder().setCommitted(answer));
        }

        private void seek(Seek seek) {
            TopicPartition id = new TopicPartition(seek.getTopic(), seek.getPartition());
            Part part = parts.get(id);
            if (part == null) {
                return;
            }
            part.seeks++;
            part.failed = false;
            part.position = seek.hasPosition() ? place(id, seek.getPosition()) : seek.getOffset();
            send(
                    SubscribeResponse.newBuilder()
                            .setSought(
                                    Sought.newBuilder()
                                            .setTopic(id.topic())
                                            .setPartition(id.partition())
                                            .setPosition(part.position)
                                            .setSeeks(part.seeks)));
        }

        private long place(TopicPartition id, StartPosition place) {
            OffsetQuery.Builder query =
                    OffsetQuery.newBuilder().setTopic(id.topic()).setPartition(id.partition());
            switch (place.getAtCase()) {
                case LATEST -> query.setLatest(place.getLatest());
                case TIMESTAMP_MS -> query.setTimestampMs(place.getTimestampMs());
                case EARLIEST, FAILURE, AT_NOT_SET -> query.setEarliest(place.getEarliest());
            }
            return log.find(query.build()).getOffset();
        }

        /** Sends batches up to the granted credit. */
        void pump() {
            synchronized (coordinator) {
                boolean sent = true;
                while (sent && !over && bytes > 0 && records > 0) {
                    sent = false;
                    for (var each : parts.entrySet()) {
                        if (!over && bytes > 0 && records > 0) {
                            sent |= sendOne(each.getKey(), each.getValue());
                        }
                    }
                }
            }
        }

        private boolean sendOne(TopicPartition id, Part part) {
            if (part.paused || part.going || part.failed) {
                return false;
            }
            FetchedPartition read =
                    log.read(
                            FetchPartition.newBuilder()
                                    .setTopic(id.topic())
                                    .setPartition(id.partition())
                                    .setOffset(part.position)
                                    .build(),
                            1);
            if (read.hasError()) {
                outOfRange(id, part, read);
                return true;
            }
            if (read.getBatches().isEmpty()) {
                return false;
            }
            var buffer = FetchedBytes.of(read.getBatches());
            bytes -= buffer.limit();
            records -= FetchedBytes.recordsFrom(buffer, part.position);
            part.position = FetchedBytes.endOffset(buffer).orElseThrow();
            send(
                    SubscribeResponse.newBuilder()
                            .setBatches(
                                    Batches.newBuilder()
                                            .setTopic(id.topic())
                                            .setPartition(id.partition())
                                            .setBatches(damaged(read.getBatches()))
                                            .setHighWatermark(read.getHighWatermark())));
            return true;
        }

        private void outOfRange(TopicPartition id, Part part, FetchedPartition read) {
            if (open.getOutOfRange().hasFailure()) {
                part.failed = true;
                send(
                        SubscribeResponse.newBuilder()
                                .setFailed(
                                        PartitionFailed.newBuilder()
                                                .setTopic(id.topic())
                                                .setPartition(id.partition())
                                                .setSeeks(part.seeks)
                                                .setError(read.getError())));
                return;
            }
            part.position = place(id, open.getOutOfRange());
            send(
                    SubscribeResponse.newBuilder()
                            .setSought(
                                    Sought.newBuilder()
                                            .setTopic(id.topic())
                                            .setPartition(id.partition())
                                            .setPosition(part.position)
                                            .setSeeks(part.seeks)));
        }

        @Override
        public void assigned(List<TopicPartition> partitions, boolean evenNone) {
            Assigned.Builder assigned = Assigned.newBuilder();
            for (TopicPartition id : partitions) {
                Part part = new Part();
                long committed = coordinator.committed(id);
                part.position = committed >= 0 ? committed : place(id, open.getStart());
                parts.put(id, part);
                assigned.addPartitions(
                        AssignedPartition.newBuilder()
                                .setTopic(id.topic())
                                .setPartition(id.partition())
                                .setPosition(part.position)
                                .setMetadata(coordinator.metadata(id)));
            }
            send(SubscribeResponse.newBuilder().setAssigned(assigned));
        }

        @Override
        public void revoke(List<TopicPartition> partitions) {
            Revoke.Builder revoke = Revoke.newBuilder();
            for (TopicPartition id : partitions) {
                Part part = parts.get(id);
                if (part != null) {
                    part.going = true;
                }
                revoke.addPartitions(name(id));
            }
            send(SubscribeResponse.newBuilder().setRevoke(revoke));
        }

        @Override
        public void lost(List<TopicPartition> partitions) {
            Lost.Builder lost = Lost.newBuilder();
            for (TopicPartition id : partitions) {
                parts.remove(id);
                lost.addPartitions(name(id));
            }
            send(SubscribeResponse.newBuilder().setLost(lost));
        }

        @Override
        public void ended(Problem problem) {
            if (!over) {
                end();
                answers.onError(FakeServer.failure(problem));
            }
        }

        void breakOff() {
            synchronized (coordinator) {
                if (!over) {
                    end();
                    coordinator.detached(member, this);
                    answers.onError(
                            io.grpc.Status.UNAVAILABLE
                                    .withDescription("broken on purpose")
                                    .asRuntimeException());
                }
            }
        }

        private void end() {
            over = true;
            streams.remove(this);
        }

        @Override
        public void onError(Throwable gone) {
            synchronized (coordinator) {
                end();
                coordinator.detached(member, this);
            }
        }

        @Override
        public void onCompleted() {
            onError(new IllegalStateException("half closed"));
        }
    }

    private ByteString damaged(ByteString batch) {
        if (toDamage.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
            return batch;
        }
        byte[] bytes = batch.toByteArray();
        bytes[bytes.length - 1] ^= 1;
        return ByteString.copyFrom(bytes);
    }

    private static List<TopicPartition> ids(List<PartitionName> names) {
        return names.stream()
                .map(name -> new TopicPartition(name.getTopic(), name.getPartition()))
                .toList();
    }

    private static PartitionName name(TopicPartition id) {
        return PartitionName.newBuilder().setTopic(id.topic()).setPartition(id.partition()).build();
    }
}
