package io.millrace.metadata.etcd.jetcd;

import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A watch on its own stream, never resumed. Requests a message after the preceding message was
 * handled. Owned by its event loop.
 */
final class JetcdWatch implements Etcd.Watch {

    /** etcd splits messages at its maximum request size, 1.5 MiB by default. */
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    /** {@code WatchCreateRequest.fragment}, which jetcd's messages lack. */
    private static final int FRAGMENT_FIELD = 8;

    private final EventLoop loop;
    private final Executor onLoop;
    private final Endpoint member;
    private final Etcd.Watcher watcher;
    private final Consumer<Status> onFailure;
    private @Nullable ClientCallStreamObserver<WatchRequest> requests;
    private EventLoop.@Nullable Timer openTimeout;
    private boolean open = true;

    /**
     * @param onLoop runs tasks on the event loop and drops them after its end
     * @param onFailure the callback for a failure; runs before the watcher
     */
    JetcdWatch(
            EventLoop loop,
            Executor onLoop,
            Endpoint member,
            Etcd.Watcher watcher,
            Consumer<Status> onFailure) {
        this.loop = loop;
        this.onLoop = onLoop;
        this.member = member;
        this.watcher = watcher;
        this.onFailure = onFailure;
    }

    void start(
            String from, String end, long fromRevision, boolean deletes, Duration openingTimeout) {
        WatchCreateRequest.Builder create =
                WatchCreateRequest.newBuilder()
                        .setKey(EtcdMessages.bytes(from))
                        .setRangeEnd(EtcdMessages.bytes(end))
                        .setStartRevision(fromRevision)
                        .setUnknownFields(fragmentFlag());
        if (!deletes) {
            create.addFilters(WatchCreateRequest.FilterType.NODELETE);
        }
        openTimeout =
                loop.schedule(
                        openingTimeout,
                        () ->
                                failed(
                                        Status.DEADLINE_EXCEEDED.withDescription(
                                                "the watch was not opened in time")));
        member.forStream(WatchGrpc::newStub)
                .withMaxInboundMessageSize(MAX_MESSAGE_BYTES)
                .watch(new Responses())
                .onNext(WatchRequest.newBuilder().setCreateRequest(create).build());
    }

    private static UnknownFieldSet fragmentFlag() {
        return UnknownFieldSet.newBuilder()
                .addField(FRAGMENT_FIELD, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
    }

    private final class Responses implements ClientResponseObserver<WatchRequest, WatchResponse> {

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
            stream.disableAutoRequestWithInitial(1);
            requests = stream;
        }

        @Override
        public void onNext(WatchResponse response) {
            onLoop.execute(() -> received(response));
        }

        @Override
        public void onError(Throwable failure) {
            onLoop.execute(() -> failed(Status.fromThrowable(failure)));
        }

        @Override
        public void onCompleted() {
            onLoop.execute(() -> failed(Status.UNAVAILABLE.withDescription("the stream ended")));
        }
    }

    private void received(WatchResponse response) {
        if (!open) {
            return;
        }
        if (response.getCanceled()) {
            failed(statusOf(response));
            return;
        }
        cancelOpenTimeout();
        for (Event event : response.getEventsList()) {
            if (open) {
                report(event);
            }
        }
        if (open && requests != null) {
            requests.request(1);
        }
    }

    private void report(Event event) {
        if (event.getType() == Event.EventType.PUT) {
            watcher.put(EtcdMessages.keyValue(event.getKv()));
        } else {
            watcher.deleted(event.getKv().getKey().toStringUtf8(), event.getKv().getModRevision());
        }
    }

    /** Returns the status of an equivalent call. */
    private static Status statusOf(WatchResponse response) {
        String reason = response.getCancelReason();
        if (response.getCompactRevision() != 0) {
            return Status.OUT_OF_RANGE.withDescription(
                    "compacted up to revision " + response.getCompactRevision());
        }
        if (reason.contains("permission denied") || reason.contains("user name is empty")) {
            return Status.PERMISSION_DENIED.withDescription(reason);
        }
        return Status.UNAVAILABLE.withDescription("the watch was cancelled: " + reason);
    }

    private void failed(Status status) {
        if (open) {
            close();
            onFailure.accept(status);
            EtcdException failure = EtcdFailures.of(member, status);
            watcher.failed(failure);
        }
    }

    private void cancelOpenTimeout() {
        if (openTimeout != null) {
            openTimeout.cancel();
            openTimeout = null;
        }
    }

    @Override
    public void close() {
        open = false;
        cancelOpenTimeout();
        if (requests != null) {
            requests.cancel("the watch is closed", null);
        }
    }
}
