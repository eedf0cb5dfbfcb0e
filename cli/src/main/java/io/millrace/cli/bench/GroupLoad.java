package io.millrace.cli.bench;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.Heartbeat;
import io.millrace.protocol.v1.OffsetToCommit;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.PartitionName;
import io.millrace.protocol.v1.Released;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.protocol.v1.SubscriptionGrpc;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Members of very many groups that read no records: they send heartbeats, release revoked
 * partitions, and commit. One event loop runs all work.
 */
final class GroupLoad implements AutoCloseable {

    private static final int CONNECTIONS = 10;
    private static final int LONGEST_MICROS = 60_000_000;

    private final String topic;
    private final int sessionTimeoutMillis;
    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final LongAdder assignedPartitions = new LongAdder();
    private final LongAdder heartbeats = new LongAdder();
    private final LongAdder committed = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final Map<String, LongAdder> rejections = new ConcurrentHashMap<>();
    private final LongAdder endedStreams = new LongAdder();
    private final Histogram commitMicros = new ConcurrentHistogram(LONGEST_MICROS, 3);
    private volatile boolean closed;

    /**
     * @param servers assigned to connections in turn
     */
    GroupLoad(
            List<String> servers,
            UnaryOperator<NettyChannelBuilder> security,
            String topic,
            int sessionTimeoutMillis) {
        this.topic = topic;
        this.sessionTimeoutMillis = sessionTimeoutMillis;
        for (int i = 0; i < CONNECTIONS; i++) {
            channels.add(
                    security.apply(NettyChannelBuilder.forTarget(servers.get(i % servers.size())))
                            .eventLoopGroup(loop)
                            .channelType(NioSocketChannel.class)
                            .directExecutor()
                            .build());
        }
    }

    /** Adds a member. One thread, before the first commit. */
    void join(String group) {
        Member member = new Member(group, channels.get(members.size() % CONNECTIONS));
        members.add(member);
        loop.execute(member::start);
    }

    /**
     * Makes the next members each commit a new offset for one partition. Any thread.
     *
     * @param first the sequence number of the first commit
     */
    void commit(long first, int count) {
        loop.execute(() -> {
            for (long i = first; i < first + count; i++) {
                members.get((int) (i % members.size())).commit();
            }
        });
    }

    long assignedPartitions() {
        return assignedPartitions.sum();
    }

    long heartbeats() {
        return heartbeats.sum();
    }

    long committed() {
        return committed.sum();
    }

    long rejected() {
        return rejected.sum();
    }

    /** Returns the most frequent error of failed commits; empty without failures. */
    Optional<String> maxRejectedFor() {
        return rejections.entrySet().stream()
                .max(Comparator.comparingLong(rejection -> rejection.getValue().sum()))
                .map(Map.Entry::getKey);
    }

    long endedStreams() {
        return endedStreams.sum();
    }

    Histogram commitMicros() {
        return commitMicros;
    }

    @Override
    public void close() {
        closed = true;
        channels.forEach(ManagedChannel::shutdownNow);
        loop.shutdownGracefully();
    }

    /** One stream. Owned by the event loop. */
    private final class Member extends ClientCall.Listener<SubscribeResponse> {

        private final String group;
        private final ClientCall<SubscribeRequest, SubscribeResponse> call;
        private final List<PartitionName> own = new ArrayList<>();
        private final Map<Long, Long> sentNanos = new HashMap<>();
        private long commits;

        Member(String group, ManagedChannel channel) {
            this.group = group;
            this.call = channel.newCall(SubscriptionGrpc.getSubscribeMethod(), CallOptions.DEFAULT);
        }

        void start() {
            call.start(this, new Metadata());
            call.request(Integer.MAX_VALUE);
            call.sendMessage(
                    SubscribeRequest.newBuilder()
                            .setOpen(
                                    Open.newBuilder()
                                            .setGroup(group)
                                            .addTopics(topic)
                                            .setSessionTimeoutMs(sessionTimeoutMillis))
                            .build());
        }

        void commit() {
            if (own.isEmpty()) {
                return;
            }
            PartitionName partition = own.get((int) (commits % own.size()));
            commits++;
            sentNanos.put(commits, RatePacer.now());
            call.sendMessage(
                    SubscribeRequest.newBuilder()
                            .setCommit(
                                    Commit.newBuilder()
                                            .setId(commits)
                                            .addOffsets(
                                                    OffsetToCommit.newBuilder()
                                                            .setTopic(topic)
                                                            .setPartition(partition.getPartition())
                                                            .setOffset(commits)))
                            .build());
        }

        private void keepAlive(int everyMillis) {
            loop.schedule(
                    () -> {
                        if (!closed) {
                            heartbeats.increment();
                            call.sendMessage(
                                    SubscribeRequest.newBuilder()
                                            .setHeartbeat(Heartbeat.getDefaultInstance())
                                            .build());
                            keepAlive(everyMillis);
                        }
                    },
                    everyMillis,
                    TimeUnit.MILLISECONDS);
        }

        @Override
        public void onMessage(SubscribeResponse response) {
            switch (response.getResponseCase()) {
                case JOINED -> keepAlive(response.getJoined().getHeartbeatIntervalMs());
                case ASSIGNED ->
                        response.getAssigned()
                                .getPartitionsList()
                                .forEach(partition -> {
                                    own.add(
                                            PartitionName.newBuilder()
                                                    .setTopic(partition.getTopic())
                                                    .setPartition(partition.getPartition())
                                                    .build());
                                    assignedPartitions.increment();
                                });
                case REVOKE -> {
                    lose(response.getRevoke().getPartitionsList());
                    call.sendMessage(
                            SubscribeRequest.newBuilder()
                                    .setReleased(
                                            Released.newBuilder()
                                                    .addAllPartitions(
                                                            response.getRevoke()
                                                                    .getPartitionsList()))
                                    .build());
                }
                case LOST -> lose(response.getLost().getPartitionsList());
                case COMMITTED -> answered(response.getCommitted());
                default -> {}
            }
        }

        private void answered(Committed answer) {
            Long sent = sentNanos.remove(answer.getId());
            if (answer.hasError() || sent == null) {
                rejected.increment();
                rejections
                        .computeIfAbsent(answer.getError().getMessage(), any -> new LongAdder())
                        .increment();
            } else {
                committed.increment();
                long micros = (RatePacer.now() - sent) / 1000;
                commitMicros.recordValue(Math.min(LONGEST_MICROS, micros));
            }
        }

        private void lose(List<PartitionName> partitions) {
            for (PartitionName partition : partitions) {
                if (own.remove(partition)) {
                    assignedPartitions.decrement();
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!closed) {
                endedStreams.increment();
                assignedPartitions.add(-own.size());
                own.clear();
            }
        }
    }
}
