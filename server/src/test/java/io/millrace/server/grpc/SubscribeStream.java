package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.Accept;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Credit;
import io.millrace.protocol.v1.Heartbeat;
import io.millrace.protocol.v1.Leave;
import io.millrace.protocol.v1.OffsetToCommit;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.protocol.v1.SubscribeResponse.ResponseCase;
import io.millrace.protocol.v1.SubscriptionGrpc;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A subscriber's stream with all received messages. */
public final class SubscribeStream {

    private final List<SubscribeResponse> arrived = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private volatile @Nullable Problem problem;
    private final ClientCallStreamObserver<SubscribeRequest> requests;

    private SubscribeStream(ManagedChannel channel, boolean reads) {
        CompletableFuture<ClientCallStreamObserver<SubscribeRequest>> begun =
                new CompletableFuture<>();
        var unused =
                SubscriptionGrpc.newStub(channel)
                        .subscribe(
                                new ClientResponseObserver<SubscribeRequest, SubscribeResponse>() {
                                    @Override
                                    public void beforeStart(
                                            ClientCallStreamObserver<SubscribeRequest> stream) {
                                        if (!reads) {
                                            stream.disableAutoRequestWithInitial(0);
                                        }
                                        begun.complete(stream);
                                    }

                                    @Override
                                    public void onNext(SubscribeResponse response) {
                                        arrived.add(response);
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        com.google.rpc.Status status =
                                                StatusProto.fromThrowable(failure);
                                        if (status != null) {
                                            problem = Problem.fromStatus(status).orElse(null);
                                        }
                                        end.complete(Status.fromThrowable(failure));
                                    }

                                    @Override
                                    public void onCompleted() {
                                        end.complete(Status.OK);
                                    }
                                });
        requests = begun.join();
    }

    public static SubscribeStream open(ManagedChannel channel, Open.Builder open) {
        SubscribeStream stream = new SubscribeStream(channel, true);
        stream.say(SubscribeRequest.newBuilder().setOpen(open));
        return stream;
    }

    /** Opens a stream whose client reads nothing. */
    public static SubscribeStream openUnread(ManagedChannel channel, Open.Builder open) {
        SubscribeStream stream = new SubscribeStream(channel, false);
        stream.say(SubscribeRequest.newBuilder().setOpen(open));
        return stream;
    }

    public static SubscribeStream bare(ManagedChannel channel) {
        return new SubscribeStream(channel, true);
    }

    public void say(SubscribeRequest.Builder request) {
        requests.onNext(request.build());
    }

    public void grant(long bytes, long records) {
        say(
                SubscribeRequest.newBuilder()
                        .setCredit(Credit.newBuilder().setBytes(bytes).setRecords(records)));
    }

    public void commit(long id, long offset) {
        say(
                SubscribeRequest.newBuilder()
                        .setCommit(
                                Commit.newBuilder()
                                        .setId(id)
                                        .addOffsets(
                                                OffsetToCommit.newBuilder()
                                                        .setTopic("t")
                                                        .setOffset(offset))));
    }

    public void beat() {
        say(SubscribeRequest.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
    }

    public void accept(String memberId) {
        say(SubscribeRequest.newBuilder().setAccept(Accept.newBuilder().setMemberId(memberId)));
    }

    public void leave() {
        say(SubscribeRequest.newBuilder().setLeave(Leave.getDefaultInstance()));
    }

    public void halfClose() {
        requests.onCompleted();
    }

    public void vanish() {
        requests.cancel("the client is gone", null);
    }

    /** Waits for the first message of a kind. */
    public SubscribeResponse await(ResponseCase kind) {
        return await(kind, 1);
    }

    /** Waits for the nth message of a kind, counted from 1. */
    public SubscribeResponse await(ResponseCase kind, int number) {
        RunningNode.await(() -> end.isDone() || all(kind).size() >= number);
        assertThat(all(kind)).as("%s; %s", kind, problem).hasSizeGreaterThanOrEqualTo(number);
        return all(kind).get(number - 1);
    }

    public List<SubscribeResponse> all(ResponseCase kind) {
        return arrived.stream().filter(response -> response.getResponseCase() == kind).toList();
    }

    public String memberId() {
        return await(ResponseCase.JOINED).getJoined().getMemberId();
    }

    public Status end() throws Exception {
        return end.get(20, TimeUnit.SECONDS);
    }

    /** Returns the reason why the stream ended. */
    public Problem problem() throws Exception {
        Status status = end();
        Problem why = problem;
        if (why == null) {
            throw new AssertionError("it ended with " + status);
        }
        return why;
    }
}
