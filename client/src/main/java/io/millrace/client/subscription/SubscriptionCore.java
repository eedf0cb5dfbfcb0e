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
 * A subscription without streams, threads or clock. Receives events and the current time, and
 * returns {@link SubscriptionStep}s to carry out. Assigned partitions outlive streams: without a
 * stream, handlers continue with buffered records until the session expires by the client's clock.
 * Owner: the I/O thread, except for {@link #mayProceed}.
 */
public final class SubscriptionCore {

    private enum Stage {
        ACTIVE,
        /** No handler run is started any more; running ones finish. */
        CLOSING,
        OVER
    }

    private final SubscriptionSettings settings;
    private final SessionExpiry clock = new SessionExpiry();
    private final SubscriptionSteps steps = new SubscriptionSteps(clock);
    private final CommitLedger commits = new CommitLedger(steps);
    private final MemberSession line;
    private final CreditWindow credit;
    private final AssignedPartitionStates holdings;
    private final HandlerScheduler handover;
    private final CommitResultHandler answers;
    private Stage stage = Stage.ACTIVE;
    private boolean leaves;
    private long commitAtNanos;
    private @Nullable MillraceException failure;

    /**
     * @param zone the zone of the client
     * @param run the unique id of this subscription
     */
    SubscriptionCore(SubscriptionSettings settings, String zone, String run, long nowNanos) {
        this.settings = settings;
        this.line = new MemberSession(new SubscriptionOpening(settings, zone, run), clock);
        this.credit = new CreditWindow(settings.bufferBytes(), settings.bufferRecords());
        this.holdings = new AssignedPartitionStates(settings, steps, commits, credit, this::fail);
        this.handover = holdings.handover();
        this.answers = new CommitResultHandler(settings, holdings, commits, this::fail);
        this.commitAtNanos = nowNanos + settings.commitInterval().toNanos();
    }

    /** Returns the next step; null if there is none. To be polled after every other call. */
    @Nullable SubscriptionStep poll() {
        return steps.poll();
    }

    boolean isOver() {
        return stage == Stage.OVER;
    }

    /** Returns whether handlers may receive more records. Any thread. */
    boolean mayProceed(long nowNanos) {
        return clock.holds(nowNanos);
    }

    /** Returns the time for which the node has left a heartbeat unacknowledged. */
    public Duration silence(long nowNanos) {
        return line.isDown() ? Duration.ZERO : clock.silence(nowNanos);
    }

    SubscribeRequest open(long nowNanos) {
        leaves = false;
        credit.opened();
        return line.open(nowNanos);
    }

    void received(SubscribeResponse response, long nowNanos) {
        if (expired(nowNanos) || stage == Stage.OVER) {
            return;
        }
        switch (response.getResponseCase()) {
            case INVITED -> accept(response.getInvited().getMemberId(), nowNanos);
            case JOINED -> joined(response.getJoined());
            case ASSIGNED ->
                    holdings.assigned(
                            response.getAssigned().getPartitionsList(), line.assigned(), nowNanos);
            case REVOKE -> holdings.revoke(ids(response.getRevoke().getPartitionsList()));
            case LOST -> holdings.lose(ids(response.getLost().getPartitionsList()));
            case BATCHES -> holdings.arrived(response.getBatches(), nowNanos);
            case COMMITTED -> committed(response.getCommitted(), nowNanos);
            case SOUGHT -> {
                var sought = response.getSought();
                holdings.sought(
                        new TopicPartition(sought.getTopic(), sought.getPartition()),
                        sought.getPosition(),
                        sought.getSeeks());
            }
            case FAILED -> {
                var failed = response.getFailed();
                TopicPartition id = new TopicPartition(failed.getTopic(), failed.getPartition());
                Problem problem = CallFailures.problemOf(failed.getError());
                holdings.failed(id, problem, failed.getSeeks(), nowNanos);
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
        if (!line.joined(joined) && settings.hasGroup()) {
            holdings.loseAll();
        }
    }

    private void committed(Committed committed, long nowNanos) {
        CommitLedger.Pending pending = commits.answered(committed.getId());
        Problem problem =
                committed.hasError() ? CallFailures.problemOf(committed.getError()) : null;
        if (pending != null) {
            answers.answered(pending, problem, nowNanos);
        }
        if (problem != null && problem.reason() == Reason.UNKNOWN_MEMBER) {
            // The next stream shows whether the member may return: a different member may have
            // taken over its instance id.
            clock.ended();
            holdings.loseAll();
            hangUp("The group no longer has this member");
        }
    }

    /**
     * Handles the end of the stream.
     *
     * @param why the failure; null if the node ended the stream normally
     */
    public void broken(@Nullable MillraceException why, long nowNanos) {
        lineDown();
        if (stage == Stage.OVER || expired(nowNanos)) {
            return;
        }
        if (why == null && leaves) {
            over(failure);
            return;
        }
        Reason reason = why == null ? null : why.reason().orElse(null);
        if (reason == Reason.UNKNOWN_MEMBER
                || reason == Reason.STALE_GENERATION
                || reason == Reason.PARTITION_NOT_LEASED) {
            forgetMember();
        } else if (why != null && !why.retriable()) {
            over(failure == null ? why : failure);
            return;
        }
        proceed(nowNanos);
    }

    public void ran(HandlerRun run, HandlerRun.Outcome outcome, long nowNanos) {
        boolean unused = expired(nowNanos);
        holdings.ran(run, outcome, nowNanos);
        proceed(nowNanos);
    }

    void reported(SubscriptionStep.Notice notice, @Nullable Throwable thrown, long nowNanos) {
        boolean unused = expired(nowNanos);
        handover.reported(notice);
        if (thrown instanceof MillraceException own) {
            fail(own);
        } else if (thrown != null) {
            fail(new MillraceException.HandlerFailed("The listener threw " + thrown, thrown));
        }
        proceed(nowNanos);
    }

    /** Runs the timers: heartbeat, automatic commit and retries. */
    public void tick(long nowNanos) {
        if (stage == Stage.OVER || expired(nowNanos)) {
            return;
        }
        if (line.isUp() && clock.heartbeatInNanos(nowNanos) <= 0) {
            steps.send(
                    SubscribeRequest.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()),
                    nowNanos);
            clock.awaits(nowNanos);
        }
        if (commitsNowAndThen() && nowNanos - commitAtNanos >= 0) {
            commitAtNanos = nowNanos + settings.commitInterval().toNanos();
            Map<TopicPartition, CommitLedger.Mark> marks = holdings.uncommitted();
            if (!marks.isEmpty()) {
                commits.add(marks);
            }
        }
        handover.retry(nowNanos);
        proceed(nowNanos);
    }

    long tickInNanos(long nowNanos) {
        long due = Math.min(clock.leftNanos(nowNanos), handover.retryInNanos(nowNanos));
        if (line.isUp()) {
            due = Math.min(due, clock.heartbeatInNanos(nowNanos));
        }
        if (commitsNowAndThen()) {
            due = Math.min(due, commitAtNanos - nowNanos);
        }
        return Math.max(0, due);
    }

    private boolean commitsNowAndThen() {
        return settings.commits() == CommitMode.AFTER_HANDLING && stage == Stage.ACTIVE;
    }

    public void commit(
            TopicPartition partition,
            CommitLedger.Mark mark,
            CompletableFuture<Void> future,
            long nowNanos) {
        if (!expired(nowNanos) && holdings.get(partition) != null) {
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
        change((held, now) -> held.seek(partition, place), nowNanos);
    }

    private void change(BiConsumer<AssignedPartitionStates, Long> what, long nowNanos) {
        if (!expired(nowNanos) && stage != Stage.OVER) {
            what.accept(holdings, nowNanos);
            proceed(nowNanos);
        }
    }

    /**
     * Finishes running handlers, commits and leaves the group. A member with an instance id only
     * closes its stream and stays in the group.
     */
    public void close(long nowNanos) {
        boolean unused = expired(nowNanos);
        beginEnd();
        proceed(nowNanos);
    }

    /** Ends at once; the group waits for the session timeout. */
    void abort(MillraceException why) {
        if (stage != Stage.OVER) {
            lineDown();
            over(failure == null ? why : failure);
        }
    }

    private void fail(MillraceException why) {
        if (failure == null && stage != Stage.OVER) {
            failure = why;
        }
        beginEnd();
    }

    private void beginEnd() {
        if (stage == Stage.ACTIVE) {
            stage = Stage.CLOSING;
            holdings.close();
        }
    }

    /**
     * Handles an expired session: all partitions are lost. Returns whether the session has expired.
     */
    private boolean expired(long nowNanos) {
        if (stage == Stage.OVER || !clock.isOver(nowNanos)) {
            return false;
        }
        clock.ended();
        holdings.loseAll();
        hangUp("The session has expired: the group did not respond in time");
        proceed(nowNanos);
        return true;
    }

    private void forgetMember() {
        line.forgetMember();
        holdings.loseAll();
    }

    private void hangUp(String why) {
        if (!line.isDown()) {
            lineDown();
            steps.add(new SubscriptionStep.HangUp(why));
        }
    }

    private void lineDown() {
        line.down();
        holdings.lineDown();
        commits.lineDown();
    }

    private void proceed(long nowNanos) {
        if (stage == Stage.OVER) {
            return;
        }
        handover.advance(nowNanos);
        if (line.isUp()) {
            commits.send(holdings::isConfirmed, nowNanos);
            grant(nowNanos);
        }
        if (stage == Stage.CLOSING && holdings.isEmpty() && handover.isIdle()) {
            leave(nowNanos);
        }
    }

    private void grant(long nowNanos) {
        Credit more = line.mayGrant() && stage == Stage.ACTIVE ? credit.grant() : null;
        if (more != null) {
            steps.send(SubscribeRequest.newBuilder().setCredit(more), nowNanos);
        }
    }

    private void leave(long nowNanos) {
        if (!settings.instanceId().isEmpty()) {
            // The group keeps the partitions for the instance, and reassigns them after the session
            // timeout.
            hangUp("The subscription is closed");
            over(failure);
        } else if (line.isUp() && !leaves) {
            leaves = true;
            steps.send(
                    SubscribeRequest.newBuilder().setLeave(Leave.getDefaultInstance()), nowNanos);
        } else if (line.isDown() && !line.isMember(nowNanos)) {
            over(failure);
        }
    }

    private void over(@Nullable MillraceException why) {
        stage = Stage.OVER;
        holdings.loseAll();
        commits.close();
        steps.add(new SubscriptionStep.Over(why));
    }

    private static List<TopicPartition> ids(List<PartitionName> names) {
        return names.stream()
                .map(name -> new TopicPartition(name.getTopic(), name.getPartition()))
                .toList();
    }
}
