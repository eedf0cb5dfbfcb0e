package io.millrace.client.subscription;

import io.millrace.client.connection.CallFailures;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Accept;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.Credit;
import io.millrace.protocol.v1.Heartbeat;
import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.Leave;
import io.millrace.protocol.v1.PartitionName;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a subscription: receives events and returns {@link SubscriptionStep}s.
 * Assigned partitions outlive streams: handlers continue with buffered records until the session
 * expires. Owner: the I/O thread, except for {@link #mayProceed}.
 */
public final class SubscriptionCore {

    private enum Stage {
        ACTIVE,
        /** No handler run is started any more; running handlers finish. */
        CLOSING,
        ENDED
    }

    private final SubscriptionSettings settings;
    private final SessionExpiry clock = new SessionExpiry();
    private final SubscriptionSteps steps = new SubscriptionSteps(clock);
    private final CommitLedger commits = new CommitLedger(steps);
    private final MemberSession session;
    private final CreditWindow credit;
    private final AssignedPartitionStates states;
    private final HandlerScheduler scheduler;
    private final CommitResultHandler commitResults;
    private Stage stage = Stage.ACTIVE;
    private boolean leaving;
    private long commitAtNanos;
    private @Nullable MillraceException failure;

    SubscriptionCore(SubscriptionSettings settings, String zone, String run, long nowNanos) {
        this.settings = settings;
        this.session = new MemberSession(new SubscriptionOpening(settings, zone, run), clock);
        this.credit = new CreditWindow(settings.bufferBytes(), settings.bufferRecords());
        this.states = new AssignedPartitionStates(settings, steps, commits, credit, this::fail);
        this.scheduler = states.scheduler();
        this.commitResults = new CommitResultHandler(settings, states, commits, this::fail);
        this.commitAtNanos = nowNanos + settings.commitInterval().toNanos();
    }

    /** Returns the next step; null without a step. Called after every other call. */
    @Nullable SubscriptionStep poll() {
        return steps.poll();
    }

    boolean isEnded() {
        return stage == Stage.ENDED;
    }

    /** Returns whether handlers may receive more records. Any thread. */
    boolean mayProceed(long nowNanos) {
        return clock.isValid(nowNanos);
    }

    public Duration silence(long nowNanos) {
        return session.isDown() ? Duration.ZERO : clock.silence(nowNanos);
    }

    /** Returns the latest retriable failure of a partition's reads; null without. */
    AssignedPartitionState.@Nullable ReadProblem readProblem() {
        return states.readProblem();
    }

    SubscribeRequest open(long nowNanos) {
        leaving = false;
        credit.reset();
        // Without a group, the node looks unknown start positions up as in a first stream.
        boolean continues = settings.hasGroup() || states.arePositionsKnown();
        return session.open(continues, nowNanos);
    }

    void received(SubscribeResponse response, long nowNanos) {
        if (expired(nowNanos) || stage == Stage.ENDED) {
            return;
        }
        switch (response.getResponseCase()) {
            case INVITED -> accept(response.getInvited().getMemberId(), nowNanos);
            case JOINED -> joined(response.getJoined());
            case ASSIGNED ->
                    states.assigned(
                            response.getAssigned().getPartitionsList(),
                            session.assigned(),
                            nowNanos);
            case REVOKE -> states.revoke(ids(response.getRevoke().getPartitionsList()));
            case LOST -> states.lose(ids(response.getLost().getPartitionsList()));
            case BATCHES -> states.received(response.getBatches(), nowNanos);
            case COMMITTED -> committed(response.getCommitted(), nowNanos);
            case SOUGHT -> {
                var sought = response.getSought();
                states.positioned(
                        new TopicPartition(sought.getTopic(), sought.getPartition()),
                        sought.getPosition(),
                        sought.getSeeks());
            }
            case FAILED -> {
                var failed = response.getFailed();
                TopicPartition id = new TopicPartition(failed.getTopic(), failed.getPartition());
                Problem problem = CallFailures.problemOf(failed.getError());
                states.failed(id, problem, failed.getSeeks(), nowNanos);
            }
            case HEARTBEAT_ACK -> clock.received(response.getHeartbeatAck().getMessages());
            case RESPONSE_NOT_SET -> {}
        }
        proceed(nowNanos);
    }

    private void accept(String memberId, long nowNanos) {
        if (stage == Stage.ACTIVE) {
            steps.send(
                    SubscribeRequest.newBuilder()
                            .setAccept(Accept.newBuilder().setMemberId(memberId)),
                    nowNanos);
        }
    }

    private void joined(Joined joined) {
        if (!session.joined(joined) && settings.hasGroup()) {
            states.loseAll();
        }
    }

    private void committed(Committed committed, long nowNanos) {
        CommitLedger.Pending pending = commits.answered(committed.getId());
        Problem problem =
                committed.hasError() ? CallFailures.problemOf(committed.getError()) : null;
        if (pending != null) {
            commitResults.answered(pending, problem, nowNanos);
        }
        if (problem != null && problem.reason() == Reason.UNKNOWN_MEMBER) {
            // The next stream shows whether a different member has taken over the instance id.
            clock.ended();
            states.loseAll();
            closeStream("The group no longer has this member");
        }
    }

    /** Handles the end of the stream; {@code why} is null if the node ended the stream normally. */
    public void streamEnded(@Nullable MillraceException why, long nowNanos) {
        streamLost();
        if (stage == Stage.ENDED || expired(nowNanos)) {
            return;
        }
        if (why == null && leaving) {
            finish(failure);
            return;
        }
        Reason reason = why == null ? null : why.reason().orElse(null);
        if (reason == Reason.UNKNOWN_MEMBER
                || reason == Reason.STALE_GENERATION
                || reason == Reason.PARTITION_NOT_LEASED) {
            forgetMember();
        } else if (why != null && !why.retriable()) {
            finish(failure == null ? why : failure);
            return;
        }
        proceed(nowNanos);
    }

    public void handlerEnded(HandlerRun run, HandlerRun.Outcome outcome, long nowNanos) {
        boolean unused = expired(nowNanos);
        states.handlerEnded(run, outcome, nowNanos);
        proceed(nowNanos);
    }

    void reported(SubscriptionStep.Notice notice, @Nullable Throwable thrown, long nowNanos) {
        boolean unused = expired(nowNanos);
        scheduler.reported(notice);
        if (thrown instanceof MillraceException own) {
            fail(own);
        } else if (thrown != null) {
            fail(new MillraceException.HandlerFailed("The listener threw " + thrown, thrown));
        }
        proceed(nowNanos);
    }

    /** Runs the timers: heartbeat, automatic commit and retries. */
    public void tick(long nowNanos) {
        if (stage == Stage.ENDED || expired(nowNanos)) {
            return;
        }
        if (session.isUp() && clock.heartbeatInNanos(nowNanos) <= 0) {
            steps.send(
                    SubscribeRequest.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()),
                    nowNanos);
            clock.expectAck(nowNanos);
        }
        if (commitsAutomatically() && nowNanos - commitAtNanos >= 0) {
            commitAtNanos = nowNanos + settings.commitInterval().toNanos();
            Map<TopicPartition, CommitLedger.CommitOffset> marks = states.uncommitted();
            if (!marks.isEmpty()) {
                commits.add(marks);
            }
        }
        scheduler.retry(nowNanos);
        proceed(nowNanos);
    }

    long tickInNanos(long nowNanos) {
        long due = Math.min(clock.remainingNanos(nowNanos), scheduler.retryInNanos(nowNanos));
        if (session.isUp()) {
            due = Math.min(due, clock.heartbeatInNanos(nowNanos));
        }
        if (commitsAutomatically()) {
            due = Math.min(due, commitAtNanos - nowNanos);
        }
        return Math.max(0, due);
    }

    private boolean commitsAutomatically() {
        return settings.commits() == CommitMode.AFTER_HANDLING && stage == Stage.ACTIVE;
    }

    public void commit(
            TopicPartition partition,
            CommitLedger.CommitOffset mark,
            CompletableFuture<Void> future,
            long nowNanos) {
        if (!expired(nowNanos) && states.get(partition) != null) {
            commits.add(partition, mark, future);
        } else {
            commits.fail(future, CommitLedger.notHeld(partition));
        }
        proceed(nowNanos);
    }

    public void pause(Collection<TopicPartition> partitions, long nowNanos) {
        change((held, now) -> held.pause(partitions, now), nowNanos);
    }

    public void resume(Collection<TopicPartition> partitions, long nowNanos) {
        change((held, now) -> held.resume(partitions, now), nowNanos);
    }

    public void seek(TopicPartition partition, StartPosition place, long nowNanos) {
        change((held, now) -> held.seek(partition, place, now), nowNanos);
    }

    private void change(BiConsumer<AssignedPartitionStates, Long> what, long nowNanos) {
        if (!expired(nowNanos) && stage != Stage.ENDED) {
            what.accept(states, nowNanos);
            proceed(nowNanos);
        }
    }

    /**
     * Finishes running handlers and commits. A dynamic member leaves the group; a static member
     * only closes its stream.
     */
    public void close(long nowNanos) {
        boolean unused = expired(nowNanos);
        beginClose();
        proceed(nowNanos);
    }

    /** Ends at once; the group waits for the session timeout. */
    void abort(MillraceException why) {
        if (stage != Stage.ENDED) {
            streamLost();
            finish(failure == null ? why : failure);
        }
    }

    private void fail(MillraceException why) {
        if (failure == null && stage != Stage.ENDED) {
            failure = why;
        }
        beginClose();
    }

    private void beginClose() {
        if (stage == Stage.ACTIVE) {
            stage = Stage.CLOSING;
            states.close();
        }
    }

    /** Returns whether the session has expired; if so, all partitions are lost. */
    private boolean expired(long nowNanos) {
        if (stage == Stage.ENDED || !clock.isExpired(nowNanos)) {
            return false;
        }
        clock.ended();
        states.loseAll();
        closeStream("The session has expired: the group did not respond in time");
        proceed(nowNanos);
        return true;
    }

    private void forgetMember() {
        session.forgetMember();
        states.loseAll();
    }

    private void closeStream(String why) {
        if (!session.isDown()) {
            streamLost();
            steps.add(new SubscriptionStep.Reconnect(why));
        }
    }

    private void streamLost() {
        session.down();
        states.streamLost();
        commits.streamLost();
    }

    private void proceed(long nowNanos) {
        if (stage == Stage.ENDED) {
            return;
        }
        scheduler.advance(nowNanos);
        if (session.isUp()) {
            commits.send(states::isConfirmed, nowNanos);
            grant(nowNanos);
        }
        if (stage == Stage.CLOSING && states.isEmpty() && scheduler.isIdle()) {
            leave(nowNanos);
        }
    }

    private void grant(long nowNanos) {
        Credit more = session.mayGrantCredit() && stage == Stage.ACTIVE ? credit.grant() : null;
        if (more != null) {
            steps.send(SubscribeRequest.newBuilder().setCredit(more), nowNanos);
        }
    }

    private void leave(long nowNanos) {
        if (!settings.instanceId().isEmpty()) {
            // The group keeps the partitions for the instance until the session timeout.
            closeStream("The subscription is closed");
            finish(failure);
        } else if (session.isUp() && !leaving) {
            leaving = true;
            steps.send(
                    SubscribeRequest.newBuilder().setLeave(Leave.getDefaultInstance()), nowNanos);
        } else if (session.isDown() && !mustLeave(nowNanos)) {
            finish(failure);
        }
    }

    private boolean mustLeave(long nowNanos) {
        return settings.hasGroup() && session.isMember(nowNanos);
    }

    private void finish(@Nullable MillraceException why) {
        stage = Stage.ENDED;
        states.loseAll();
        commits.close();
        steps.add(new SubscriptionStep.SubscriptionEnded(why));
    }

    private static List<TopicPartition> ids(List<PartitionName> names) {
        return names.stream()
                .map(name -> new TopicPartition(name.getTopic(), name.getPartition()))
                .toList();
    }
}
