package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.RoutedSessions.Route;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A member's session, at one coordinator after the other. What the member releases is told when its
 * commits before are answered: they may be on another way than the release. A member that was not
 * heard of lately may go on through another node, whose session the group would end for this one:
 * no coordinator is looked for before the member is heard of again. Owned by the metadata's loop.
 */
final class RoutedSession implements Session {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final int MOST_DOUBLINGS = 4;

    /** How often it is looked whether another node coordinates the group by now. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private static final Problem CLOSED =
            new Problem(Reason.UNKNOWN_MEMBER, "The member has left the group: join it again.");

    private final Loop loop;
    private final Function<Optional<Problem>, Route> routes;
    private final JoinRequest request;
    private final long timeoutNanos;
    private final List<Runnable> whenIn = new ArrayList<>();

    /** What the member was given and did not release. */
    private final Set<PartitionKey> owned = new TreeSet<>();

    private SessionListener listener;
    private String memberId;
    private boolean toldJoined;
    private boolean ownedIsKnown;
    private String place = "";
    private @Nullable Ear ear;
    private long mark;
    private long answeredMark;
    private long unansweredMark;
    private long answeredNanos;
    private long heardNanos;
    private @Nullable Problem waitsForMember;
    private int failures;
    private CompletableFuture<?> lastCommit = CompletableFuture.completedFuture(null);
    private Problem why = CLOSED;
    private boolean over;

    RoutedSession(
            Loop loop,
            Function<Optional<Problem>, Route> routes,
            JoinRequest request,
            SessionListener listener) {
        this.loop = loop;
        this.routes = routes;
        this.request = request;
        this.listener = listener;
        this.memberId = request.memberId();
        this.timeoutNanos = request.details().sessionTimeout().toNanos();
        this.answeredNanos = loop.nanoTime();
        this.heardNanos = answeredNanos;
        request.owned()
                .ifPresent(partitions -> {
                    ownedIsKnown = true;
                    owned.addAll(partitions);
                });
    }

    void begin() {
        attach(Optional.empty());
        loop.schedule(LOOK_EVERY, this::look);
    }

    private void attach(Optional<Problem> hint) {
        if (over) {
            return;
        }
        Route route = routes.apply(hint);
        place = route.place();
        Ear hears = new Ear();
        ear = hears;
        JoinRequest again =
                new JoinRequest(
                        request.group(),
                        memberId,
                        request.instanceId(),
                        request.details(),
                        ownedIsKnown ? Optional.of(owned) : Optional.empty());
        hears.session = route.sessions().join(again, hears);
        if (mark > 0) {
            hears.session.alive(mark);
        }
    }

    /** A coordinator that does not answer may be another by now, and know nothing of it. */
    private void look() {
        Ear hears = ear;
        if (over) {
            return;
        }
        if (waitsForMember != null && isTooLate()) {
            end(waitsForMember);
            return;
        }
        boolean silent = unansweredMark > answeredMark;
        unansweredMark = mark;
        if (hears != null
                && silent
                && !isQuiet()
                && !routes.apply(Optional.empty()).place().equals(place)) {
            hears.close();
            attach(Optional.empty());
        }
        loop.schedule(LOOK_EVERY, this::look);
    }

    private @Nullable Session inner() {
        return ear != null && ear.joined ? ear.session : null;
    }

    /** A member that is there says so every third of its session timeout. */
    private boolean isQuiet() {
        return loop.nanoTime() - heardNanos > timeoutNanos / 2;
    }

    private boolean isTooLate() {
        return loop.nanoTime() - answeredNanos >= timeoutNanos;
    }

    private void heard() {
        heardNanos = loop.nanoTime();
        Problem hint = waitsForMember;
        if (hint != null) {
            waitsForMember = null;
            attach(Optional.of(hint));
        }
    }

    @Override
    public void alive(long newMark) {
        mark = Math.max(mark, newMark);
        heard();
        if (!over && ear != null && ear.session != null) {
            ear.session.alive(mark);
        }
    }

    @Override
    public void released(Collection<PartitionKey> partitions) {
        heard();
        List<PartitionKey> released = List.copyOf(partitions);
        afterCommits(() -> {
            owned.removeAll(released);
            // Another coordinator is told what is owned.
            Ear hears = ear;
            if (hears != null) {
                whenIn(() -> {
                    Session session = inner();
                    if (session != null && ear == hears) {
                        session.released(released);
                    }
                });
            }
        });
    }

    private void afterCommits(Runnable then) {
        var unused =
                lastCommit.whenComplete((done, failure) -> {
                    if (!over) {
                        then.run();
                    }
                });
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        if (over) {
            return CompletableFuture.completedFuture(new CommitResult.Failed(why));
        }
        heard();
        CompletableFuture<CommitResult> result = new CompletableFuture<>();
        lastCommit = CompletableFuture.allOf(lastCommit, result);
        whenIn(() -> commitNow(number, offsets, result));
        return result;
    }

    private void commitNow(
            long number, List<OffsetCommit> offsets, CompletableFuture<CommitResult> result) {
        Session session = inner();
        if (session == null || over) {
            result.complete(new CommitResult.Failed(why));
            return;
        }
        var unused = session.commit(number, offsets).thenAccept(result::complete);
    }

    /** Now, or when the next coordinator knows the member. */
    private void whenIn(Runnable action) {
        if (inner() != null) {
            action.run();
        } else {
            whenIn.add(action);
        }
    }

    @Override
    public CompletableFuture<Void> leave() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        listener = new DeafListener();
        if (over) {
            left.complete(null);
        } else if (memberId.isEmpty()) {
            detach();
            left.complete(null);
        } else {
            heard();
            afterCommits(() -> whenIn(() -> leave(left)));
        }
        return left;
    }

    private void leave(CompletableFuture<Void> left) {
        Ear hears = ear;
        Session session = inner();
        if (over || hears == null || session == null) {
            left.complete(null);
            return;
        }
        hears.over = true;
        end();
        var unused = session.leave().thenRun(() -> left.complete(null));
    }

    @Override
    public void detach() {
        Ear hears = ear;
        if (!over) {
            end();
            if (hears != null) {
                hears.close();
            }
        }
    }

    private void end(Problem problem) {
        why = problem;
        end();
        listener.ended(problem);
    }

    private void end() {
        over = true;
        waitsForMember = null;
        ear = null;
        List<Runnable> waiting = List.copyOf(whenIn);
        whenIn.clear();
        waiting.forEach(Runnable::run);
    }

    /** The coordinator is gone, or no coordinator. */
    private void lost(Problem problem) {
        ear = null;
        if (!problem.retriable() || isTooLate()) {
            end(problem);
            return;
        }
        boolean atOnce = failures == 0 && problem.details().containsKey("host");
        Duration pause =
                atOnce
                        ? Duration.ZERO
                        : FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        loop.schedule(pause, () -> again(problem));
    }

    private void again(Problem problem) {
        if (isQuiet()) {
            waitsForMember = problem;
        } else {
            attach(Optional.of(problem));
        }
    }

    /** Hears one coordinator, until the session there is over. */
    private final class Ear implements SessionListener {

        private @Nullable Session session;
        private boolean joined;
        private boolean over;

        private void close() {
            over = true;
            if (session != null) {
                session.detach();
            }
        }

        @Override
        public void joined(String id) {
            if (over) {
                return;
            }
            memberId = id;
            joined = true;
            ownedIsKnown = true;
            if (!toldJoined) {
                toldJoined = true;
                listener.joined(id);
            }
            List<Runnable> waiting = List.copyOf(whenIn);
            whenIn.clear();
            waiting.forEach(Runnable::run);
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            if (!over) {
                partitions.forEach(one -> owned.add(one.partition()));
                listener.assigned(generation, partitions);
            }
        }

        @Override
        public void revoke(List<PartitionKey> partitions) {
            if (!over) {
                listener.revoke(partitions);
            }
        }

        @Override
        public void lost(List<PartitionKey> partitions) {
            if (!over) {
                partitions.forEach(owned::remove);
                listener.lost(partitions);
            }
        }

        @Override
        public void alive(long answered) {
            if (!over) {
                failures = 0;
                answeredMark = answered;
                answeredNanos = loop.nanoTime();
                listener.alive(answered);
            }
        }

        @Override
        public void ended(Problem problem) {
            if (!over) {
                over = true;
                RoutedSession.this.lost(problem);
            }
        }
    }
}
