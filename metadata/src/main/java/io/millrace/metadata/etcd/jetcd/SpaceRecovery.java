package io.millrace.metadata.etcd.jetcd;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.DefragmentResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.stub.StreamObserver;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.FutureFailures;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** The steps that free space in etcd, in order. On the client's event loop. */
final class SpaceRecovery {

    /** Minimum free fraction for a defragmentation, during which the member does not answer. */
    private static final double MIN_FREE_FRACTION = 0.1;

    /** Field of the bytes in use in a status response, which the stubs lack. */
    private static final int DB_SIZE_IN_USE = 9;

    private SpaceRecovery() {}

    interface Caller {

        /**
         * @param member empty for any member
         */
        <R> CompletableFuture<R> call(
                Optional<Endpoint> member, BiConsumer<Endpoint, StreamObserver<R>> request);
    }

    /** Compacts the history before a revision and waits until its space is free. */
    static CompletionStage<Void> compact(long revision, Caller caller) {
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build();
        return caller.<CompactionResponse>call(
                        Optional.empty(),
                        (member, answer) ->
                                member.forMaintenance(KVGrpc::newStub).compact(request, answer))
                .<Void>thenApply(done -> null)
                .exceptionally(SpaceRecovery::ignoreCompacted);
    }

    private static Void ignoreCompacted(Throwable failure) {
        return ignoreFailure(EtcdException.Kind.COMPACTED, failure);
    }

    private static Void ignoreFailure(EtcdException.Kind kind, Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        if (cause instanceof EtcdException why && why.kind() == kind) {
            return null;
        }
        throw new CompletionException(cause);
    }

    /** Defragments the members in turn; skips a member that does not answer. */
    static CompletionStage<Void> reclaimSpace(List<Endpoint> members, Caller caller) {
        CompletionStage<Void> done = CompletableFuture.completedFuture(null);
        for (Endpoint member : members) {
            done =
                    done.thenCompose(before ->
                            reclaimSpace(member, caller)
                                    .exceptionally(SpaceRecovery::ignoreUnavailable));
        }
        return done;
    }

    private static Void ignoreUnavailable(Throwable failure) {
        return ignoreFailure(EtcdException.Kind.UNAVAILABLE, failure);
    }

    private static CompletionStage<Void> reclaimSpace(Endpoint which, Caller caller) {
        return caller.<StatusResponse>call(
                        Optional.of(which),
                        (member, answer) ->
                                member.forCall(MaintenanceGrpc::newStub)
                                        .status(StatusRequest.getDefaultInstance(), answer))
                .thenCompose(status -> {
                    long free = status.getDbSize() - usedBytes(status);
                    return free < MIN_FREE_FRACTION * status.getDbSize()
                            ? CompletableFuture.completedFuture(null)
                            : defragment(which, caller);
                });
    }

    private static long usedBytes(StatusResponse status) {
        return status.getUnknownFields().getField(DB_SIZE_IN_USE).getVarintList().stream()
                .findFirst()
                .orElse(0L);
    }

    private static CompletionStage<Void> defragment(Endpoint which, Caller caller) {
        return caller.<DefragmentResponse>call(
                        Optional.of(which),
                        (member, answer) ->
                                member.forMaintenance(MaintenanceGrpc::newStub)
                                        .defragment(DefragmentRequest.getDefaultInstance(), answer))
                .thenApply(done -> null);
    }

    static CompletionStage<Void> clearAlarms(Caller caller) {
        return alarm(AlarmRequest.AlarmAction.GET, AlarmMember.getDefaultInstance(), caller)
                .thenCompose(alarms -> {
                    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
                    for (AlarmMember alarm : alarms.getAlarmsList()) {
                        if (alarm.getAlarm() == AlarmType.NOSPACE) {
                            done =
                                    done.thenCompose(before ->
                                            alarm(
                                                            AlarmRequest.AlarmAction.DEACTIVATE,
                                                            alarm,
                                                            caller)
                                                    .thenApply(disarmed -> null));
                        }
                    }
                    return done;
                });
    }

    private static CompletableFuture<AlarmResponse> alarm(
            AlarmRequest.AlarmAction action, AlarmMember alarm, Caller caller) {
        AlarmRequest request =
                AlarmRequest.newBuilder()
                        .setAction(action)
                        .setMemberID(alarm.getMemberID())
                        .setAlarm(alarm.getAlarm())
                        .build();
        return caller.call(
                Optional.empty(),
                (member, answer) ->
                        member.forCall(MaintenanceGrpc::newStub).alarm(request, answer));
    }
}
