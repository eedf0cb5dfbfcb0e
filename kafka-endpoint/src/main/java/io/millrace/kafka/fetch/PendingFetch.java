package io.millrace.kafka.fetch;

import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.kafka.cluster.CurrentLeaders;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.quota.QuotaKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A Fetch request from its arrival until the client has read the answer. Waits until enough records
 * exist, an answer without records is due, or the time is over; then reads what exists. Owned by
 * the fetch node's event loop.
 */
final class PendingFetch {

    /** The pause after which a client with too many unread answers is looked at again. */
    private static final Duration UNREAD_PAUSE = Duration.ofMillis(50);

    private final FetchContext shared;
    private final RequestContext context;
    private final FetchRequestData request;
    private final CompletableFuture<FetchResponseData> result = new CompletableFuture<>();
    private final NamedLeaders leaders;
    private final SessionCheck check;
    private final int maxBytes;
    private final FetchWait wait;
    private @Nullable FetchSession session;
    private @Nullable CompletableFuture<FetchResult> read;
    private boolean checkScheduled;
    private boolean ended;
    private long unreadBytes;

    PendingFetch(FetchContext shared, RequestContext context, FetchRequestData request) {
        this.shared = shared;
        this.context = context;
        this.request = request;
        this.maxBytes = Math.clamp(request.maxBytes(), 1, shared.limits().answerBytes());
        FetchAnswers answers = new FetchAnswers(context, request.isolationLevel() != 0);
        this.leaders =
                new NamedLeaders(
                        new CurrentLeaders(shared.nodes()),
                        context,
                        (int) shared.metadata().generation());
        this.check =
                new SessionCheck(
                        context,
                        shared.watch(),
                        answers,
                        leaders,
                        new PartitionCheck(
                                shared.metadata(),
                                shared.ids(),
                                context,
                                new PreferredReplica(
                                        shared.nodes(), context.listener(), request.rackId()),
                                leaders,
                                answers),
                        Math.min(request.minBytes(), maxBytes));
        this.wait =
                new FetchWait(shared.loop(), Duration.ofMillis(request.maxWaitMs()), this::wake);
    }

    CompletableFuture<FetchResponseData> result() {
        return result;
    }

    void start() {
        // The connection cancels the future on its own loop.
        var unused =
                result.whenComplete((answer, failure) -> shared.loop().runNowOrLater(this::stop));
        if (result.isDone()) {
            return;
        }
        try {
            begin();
        } catch (RuntimeException bug) {
            result.completeExceptionally(bug);
        }
    }

    private void begin() {
        if (FollowerFetch.isFollower(context.version(), request)) {
            result.complete(FollowerFetch.refuse(context, request));
            return;
        }
        if (!IsolationLevels.isKnown(request.isolationLevel())) {
            result.complete(IsolationLevels.refuse(context, request));
            return;
        }
        int throttleMs = context.throttleMs(shared.quotas(), QuotaKind.BYTES_OUT);
        if (throttleMs > 0 && request.sessionEpoch() <= 0) {
            result.complete(new FetchResponseData().setThrottleTimeMs(throttleMs));
            return;
        }
        SessionRequest sessions =
                new SessionRequest(
                        shared.sessions(),
                        request,
                        context.version(),
                        context.caller().principal().text());
        switch (sessions.resolve()) {
            case SessionRequest.Resolution.Failed(Errors error) -> {
                context.failed(error);
                result.complete(new FetchResponseData().setErrorCode(error.code()));
            }
            case SessionRequest.Resolution.Resolved(FetchSession found) -> {
                if (throttleMs > 0) {
                    result.complete(
                            new FetchResponseData()
                                    .setThrottleTimeMs(throttleMs)
                                    .setSessionId(found.id()));
                } else {
                    session = found;
                    found.begin(this::wake);
                    check(false, Errors.NONE);
                }
            }
        }
    }

    /** Called when a partition has become active. Changes of one log entry cause one check. */
    private void wake() {
        if (!checkScheduled && read == null) {
            checkScheduled = true;
            shared.loop().execute(() -> check(false, Errors.NONE));
        }
    }

    /**
     * Answers, or waits.
     *
     * @param believe whether a barrier has confirmed negative answers
     * @param noBarrier the error that replaces negative answers; NONE to keep them
     */
    private void check(boolean believe, Errors noBarrier) {
        checkScheduled = false;
        FetchSession of = session;
        if (of == null || result.isDone() || read != null) {
            return;
        }
        try {
            check(of, believe, noBarrier);
        } catch (RuntimeException bug) {
            result.completeExceptionally(bug);
        }
    }

    private void check(FetchSession of, boolean believe, Errors noBarrier) {
        SessionCheck.Checked checked = check.check(of, noBarrier);
        AnswerBuilder answer = checked.answer();
        if (checked.isDenied() && !believe) {
            checkAfterBarrier();
        } else if (answer.isFinal()
                || of.size() == 0
                || checked.hasEnough()
                || wait.left().isZero()) {
            reply(answer);
        } else {
            answer.watch(shared.watch());
            wait.wakeAtEnd();
        }
    }

    private void checkAfterBarrier() {
        checkScheduled = true;
        var unused =
                shared.metadata()
                        .barrier()
                        .whenComplete((reached, failure) ->
                                shared.loop()
                                        .runNowOrLater(() ->
                                                check(
                                                        true,
                                                        failure == null
                                                                ? Errors.NONE
                                                                : KafkaErrors.ofFailure(failure))));
    }

    private void reply(AnswerBuilder answer) {
        List<FetchQuery.PartitionQuery> readable = answer.readable();
        if (readable.isEmpty()) {
            finish(answer);
        } else if (shared.unread().hasRoom(client())) {
            read(answer, readable);
        } else if (wait.left().isZero()) {
            answer.addNothingRead();
            finish(answer);
        } else {
            wait.wakeAfter(UNREAD_PAUSE);
        }
    }

    private Object client() {
        return context.connection().peer();
    }

    private void read(AnswerBuilder answer, List<FetchQuery.PartitionQuery> readable) {
        wait.cancel();
        CompletableFuture<FetchResult> started =
                shared.fetch()
                        .fetch(new FetchQuery(readable, Duration.ZERO, 1, maxBytes), client());
        read = started;
        var unused =
                started.whenComplete((found, failure) ->
                        shared.loop().runNowOrLater(() -> onRead(answer, found, failure)));
    }

    private void onRead(
            AnswerBuilder answer, @Nullable FetchResult found, @Nullable Throwable failure) {
        if (result.isDone()) {
            return;
        }
        if (found != null) {
            answer.addRead(found);
        } else {
            answer.addFailure(
                    failure == null ? Errors.UNKNOWN_SERVER_ERROR : KafkaErrors.ofFailure(failure));
        }
        finish(answer);
    }

    private void finish(AnswerBuilder answer) {
        FetchResponseData built = answer.build();
        leaders.addEndpoints(built);
        if (answer.sizeBytes() > 0) {
            shared.quotas()
                    .charge(context.caller().principal(), QuotaKind.BYTES_OUT, answer.sizeBytes());
            if (!ended) {
                unreadBytes = answer.sizeBytes();
                shared.unread().add(client(), unreadBytes);
            }
        }
        result.complete(built);
    }

    /** Called when the request is answered, cancelled or failed. */
    private void stop() {
        wait.cancel();
        if (read != null) {
            read.cancel(false);
        }
        FetchSession of = session;
        if (of != null) {
            session = null;
            of.end();
            if (of.id() == FetchSession.NO_ID) {
                shared.sessions().close(of);
            }
        }
    }

    /** Called when the client has read the answer, or has disconnected. */
    void ended() {
        ended = true;
        if (unreadBytes > 0) {
            shared.unread().remove(client(), unreadBytes);
            unreadBytes = 0;
        }
    }
}
