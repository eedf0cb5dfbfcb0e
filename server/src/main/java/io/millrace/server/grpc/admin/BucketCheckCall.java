package io.millrace.server.grpc.admin;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.compaction.bucket.BucketCheck;
import io.millrace.compaction.bucket.Finding;
import io.millrace.compaction.bucket.ObjectStatus;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.BucketObject;
import io.millrace.protocol.v1.BucketObjectStatus;
import io.millrace.protocol.v1.CheckBucketRequest;
import io.millrace.protocol.v1.CheckBucketResponse;
import io.millrace.protocol.v1.ObjectCondition;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.LoopCall;
import io.millrace.storage.object.ObjectStoreException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A check of the bucket, paced by the caller's reading. Created in the context of the call. Owned
 * by the metadata's loop.
 */
final class BucketCheckCall extends LoopCall<CheckBucketRequest, CheckBucketResponse>
        implements BucketCheck.FindingListener {

    private static final int OBJECTS_PER_MESSAGE = 500;

    private final BucketService service;
    private final Context context = Context.current();
    private @Nullable CompletableFuture<Void> room;
    private boolean begun;

    BucketCheckCall(
            ServerCall<DecodedRequest<CheckBucketRequest>, CheckBucketResponse> call,
            BucketService service) {
        super(call, service.loop());
        this.service = service;
        call.request(2);
    }

    @Override
    protected void receive(CheckBucketRequest request) {
        if (!begun) {
            begun = true;
            service.check(request.getVerify(), this).ifPresentOrElse(this::serve, this::reject);
        }
    }

    @Override
    protected void ready() {
        proceed();
    }

    @Override
    protected void closed() {
        proceed();
    }

    private void serve(CompletableFuture<Void> check) {
        call.sendHeaders(new Metadata());
        check.whenComplete((done, failure) -> run(() -> onEnd(failure)));
    }

    private void onEnd(@Nullable Throwable failure) {
        if (failure == null) {
            succeed();
        } else if (!hasEnded()) {
            // The end of the call may be the cause of the failure.
            fail(problemOf(failure));
        }
    }

    private void reject() {
        fail(
                new Problem(
                        Reason.OVERLOADED,
                        "This node is already running a bucket check: retry later, or at another node."));
    }

    private Problem problemOf(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null ->
                    problemOf(wrapped.getCause());
            case BucketCheck.UploadsUnlisted max ->
                    new Problem(Reason.STORAGE_UNAVAILABLE, String.valueOf(max.getMessage()));
            case ObjectStoreException away ->
                    new Problem(
                            Reason.STORAGE_UNAVAILABLE,
                            "The check of the bucket ended early: " + away.getMessage());
            default ->
                    GrpcErrors.problemOf(failure, call.getMethodDescriptor().getFullMethodName());
        };
    }

    @Override
    public CompletableFuture<Void> onFindings(List<Finding> some) {
        for (int from = 0; from < some.size() && !hasEnded(); from += OBJECTS_PER_MESSAGE) {
            CheckBucketResponse.Builder message = CheckBucketResponse.newBuilder();
            some.subList(from, Math.min(some.size(), from + OBJECTS_PER_MESSAGE))
                    .forEach(found -> message.addObjects(toWire(found)));
            call.sendMessage(message.build());
        }
        CompletableFuture<Void> next = new CompletableFuture<>();
        room = next;
        service.slot().onUnread();
        proceed();
        return next;
    }

    private void proceed() {
        CompletableFuture<Void> waiting = room;
        if (waiting != null && hasEnded()) {
            room = null;
            waiting.completeExceptionally(new CancellationException("the caller ended the call"));
        } else if (waiting != null && call.isReady()) {
            room = null;
            service.slot().onRead();
            waiting.complete(null);
        }
    }

    /** Resets the stream, so that the transport releases the unread findings. */
    void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(
                    new TimeoutException("findings were not read while another check waited"));
        }
    }

    private static BucketObject toWire(Finding finding) {
        return BucketObject.newBuilder()
                .setName(finding.name())
                .setSizeBytes(finding.sizeBytes())
                .setStatus(toWire(finding.status()))
                .setCondition(toWire(finding.condition()))
                .setExplanation(finding.explanation())
                .build();
    }

    private static BucketObjectStatus toWire(ObjectStatus status) {
        return switch (status) {
            case REFERENCED -> BucketObjectStatus.REFERENCED;
            case IN_GRACE -> BucketObjectStatus.IN_GRACE;
            case METADATA -> BucketObjectStatus.METADATA;
            case OLD_METADATA -> BucketObjectStatus.OLD_METADATA;
            case UNREFERENCED -> BucketObjectStatus.UNREFERENCED;
            case INCOMPLETE_UPLOAD -> BucketObjectStatus.INCOMPLETE_UPLOAD;
            case FOREIGN -> BucketObjectStatus.FOREIGN;
        };
    }

    private static ObjectCondition toWire(Finding.Condition condition) {
        return switch (condition) {
            case SOUND -> ObjectCondition.SOUND;
            case MISSING -> ObjectCondition.MISSING;
            case DAMAGED -> ObjectCondition.DAMAGED;
        };
    }
}
