package io.millrace.it;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Credit;
import io.millrace.protocol.v1.Heartbeat;
import io.millrace.protocol.v1.OffsetToCommit;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import io.millrace.protocol.v1.SubscriptionGrpc;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The bare gRPC stream of a group member. Receives the batches that it grants credit for, or does
 * not read at all. Heartbeats are sent by the test, with a session timeout of five minutes.
 * Single-threaded.
 */
final class MemberStream implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {

    private final boolean reads;
    private final List<SubscribeResponse> arrived = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ClientCallStreamObserver<SubscribeRequest>> requests =
            new CompletableFuture<>();
    private final String topic;
    private long messages;
    private volatile boolean over;

    MemberStream(ManagedChannel channel, String group, String topic, boolean reads) {
        this(channel, group, topic, reads, "");
    }

    /**
     * @param memberId the member id of an earlier stream; empty for a new member
     */
    MemberStream(
            ManagedChannel channel, String group, String topic, boolean reads, String memberId) {
        this(channel, topic, reads, Open.newBuilder().setGroup(group).setMemberId(memberId));
    }

    private MemberStream(
            ManagedChannel channel, String topic, boolean reads, Open.Builder openedWith) {
        this.topic = topic;
        this.reads = reads;
        var unused = SubscriptionGrpc.newStub(channel).subscribe(this);
        send(
                SubscribeRequest.newBuilder()
                        .setOpen(openedWith.addTopics(topic).setSessionTimeoutMs(300_000)));
    }

    /** Opens the stream of a static member whose process then does not answer. */
    static MemberStream ofInstance(
            ManagedChannel channel, String group, String topic, String instanceId) {
        return new MemberStream(
                channel, topic, true, Open.newBuilder().setGroup(group).setInstanceId(instanceId));
    }

    /**
     * Opens the stream of a member and waits for its assignment, with retries until the cluster
     * supports groups.
     */
    static MemberStream joined(ManagedChannel channel, String group, String topic) {
        MemberStream[] stream = {new MemberStream(channel, group, topic, true)};
        Eventually.await(
                "a member of " + group,
                () -> {
                    if (stream[0].hasEnded()) {
                        stream[0] = new MemberStream(channel, group, topic, true);
                    }
                    return !stream[0].all(ResponseCase.ASSIGNED).isEmpty();
                });
        return stream[0];
    }

    /** Sends a message and returns its number, from 1. */
    private long send(SubscribeRequest.Builder request) {
        requests.join().onNext(request.build());
        return ++messages;
    }

    /** Grants unlimited credit. */
    void grant() {
        send(
                SubscribeRequest.newBuilder()
                        .setCredit(Credit.newBuilder().setBytes(1 << 30).setRecords(1 << 30)));
    }

    /**
     * Commits an offset of the first partition.
     *
     * @param id the id and sequence number of the commit
     */
    void commit(long id, long offset) {
        send(
                SubscribeRequest.newBuilder()
                        .setCommit(
                                Commit.newBuilder()
                                        .setId(id)
                                        .setSequence(id)
                                        .addOffsets(
                                                OffsetToCommit.newBuilder()
                                                        .setTopic(topic)
                                                        .setOffset(offset))));
    }

    long heartbeat() {
        return send(SubscribeRequest.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
    }

    String memberId() {
        return all(ResponseCase.JOINED).getFirst().getJoined().getMemberId();
    }

    /** Returns the number of messages that the group has acknowledged. */
    long acknowledgedMessages() {
        return all(ResponseCase.HEARTBEAT_ACK).stream()
                .mapToLong(response -> response.getHeartbeatAck().getMessages())
                .max()
                .orElse(0);
    }

    List<SubscribeResponse> all(ResponseCase kind) {
        return arrived.stream().filter(response -> response.getResponseCase() == kind).toList();
    }

    long bytes() {
        return all(ResponseCase.BATCHES).stream()
                .mapToLong(response -> response.getBatches().getBatches().size())
                .sum();
    }

    boolean hasEnded() {
        return over;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
        if (!reads) {
            stream.disableAutoRequestWithInitial(0);
        }
        requests.complete(stream);
    }

    @Override
    public void onNext(SubscribeResponse response) {
        arrived.add(response);
    }

    @Override
    public void onError(Throwable failure) {
        over = true;
    }

    @Override
    public void onCompleted() {
        over = true;
    }
}
