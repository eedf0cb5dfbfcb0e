package io.millrace.group;

import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A member of a group that does as the test says, and knows how long its right lasts. */
public final class TestMember {

    final SimulatedEventLoop loop;
    public final MemberDetails details;
    final String group;
    public final String instanceId;

    /** What it works on, and from where. */
    public final TreeMap<PartitionId, Optional<CommittedOffset>> owned = new TreeMap<>();

    /** What it was asked to let go of. */
    public final TreeSet<PartitionId> revoked = new TreeSet<>();

    /** Everything that it ever lost or was asked to let go of. */
    public final List<PartitionId> disturbed = new ArrayList<>();

    public boolean releasesAtOnce = true;

    /** Whether it takes the place to which it is invited. */
    public boolean accepts = true;

    /** The ids with which it was invited. */
    public final List<String> invitations = new ArrayList<>();

    public String id = "";

    /** Whether it chose that itself, and does not know whether it is a member. */
    public boolean choosesId;

    @Nullable public Problem ended;
    public Consumer<Problem> afterEnd = problem -> {};
    @Nullable public GroupSessions at;
    public int joins;
    public long rightUntilNanos;
    @Nullable public GroupSession session;
    private final TreeMap<Long, Long> sentNanos = new TreeMap<>();
    private long mark;
    private @Nullable Line line;
    private long commits;
    public long answered = -1;

    public TestMember(
            SimulatedEventLoop loop, String group, String instanceId, MemberDetails details) {
        this.loop = loop;
        this.group = group;
        this.instanceId = instanceId;
        this.details = details;
    }

    /** Begins, or goes on if it has been a member. */
    public void join(GroupSessions coordinator, boolean knowsItsOwn) {
        ended = null;
        at = coordinator;
        answered = -1;
        sentNanos.clear();
        sentNanos.put(mark, loop.nanoTime());
        if (id.isEmpty()) {
            rightUntilNanos = loop.nanoTime() + details.sessionTimeout().toNanos();
        }
        Set<PartitionId> own = new TreeSet<>(owned.keySet());
        if (!knowsItsOwn) {
            owned.clear();
            revoked.clear();
        }
        Line newLine = new Line();
        line = newLine;
        session =
                coordinator.join(
                        new JoinRequest(
                                group,
                                id,
                                choosesId,
                                instanceId,
                                details,
                                id.isEmpty() || !knowsItsOwn ? Optional.empty() : Optional.of(own)),
                        newLine);
        session.alive(mark);
    }

    /** Takes the place to which it was invited with that id. */
    public void accept(String memberId) {
        Objects.requireNonNull(session, "a session").accept(memberId);
    }

    /** Says that it is there. */
    public void beat() {
        GroupSession to = session;
        if (to != null) {
            sentNanos.put(++mark, loop.nanoTime());
            to.alive(mark);
        }
    }

    /** Says that it is there every so often, until its session ends. */
    public void keepBeating(Duration every) {
        GroupSession same = session;
        loop.schedule(
                every,
                () -> {
                    if (session == same && same != null) {
                        beat();
                        keepBeating(every);
                    }
                });
    }

    public void release(Collection<PartitionId> keys) {
        List<PartitionId> released = List.copyOf(keys);
        released.forEach(owned::remove);
        revoked.removeAll(released);
        if (session != null) {
            session.released(released);
        }
    }

    public CompletableFuture<CommitResult> commit(PartitionId key, long offset) {
        return session == null
                ? new CompletableFuture<>()
                : session.commit(
                        ++commits,
                        List.of(
                                new OffsetCommit(
                                        key.topicId(),
                                        key.partition(),
                                        new CommittedOffset(offset, -1, ""))));
    }

    /** Hears and says nothing any more, and its coordinator does not know. */
    public void cut() {
        session = null;
        line = null;
    }

    /** Ends without a word. */
    public void vanish() {
        GroupSession last = session;
        cut();
        if (last != null) {
            last.detach();
        }
    }

    public CompletableFuture<Void> leave() {
        GroupSession last = session;
        cut();
        owned.clear();
        return last == null ? CompletableFuture.completedFuture(null) : last.leave();
    }

    /** Why its session ended. */
    public Problem problem() {
        return Objects.requireNonNull(ended, "the end of the session");
    }

    public Reason reason() {
        return problem().reason();
    }

    /** Whether it may work on that partition, by all it knows. */
    public boolean hasRightTo(PartitionId key) {
        return owned.containsKey(key) && loop.nanoTime() < rightUntilNanos;
    }

    /** What it hears, as long as it listens: nothing comes over a line that is cut. */
    private final class Line implements SessionListener {

        @Override
        public void invited(String memberId) {
            if (line != this) {
                return;
            }
            invitations.add(memberId);
            if (accepts && session != null) {
                session.accept(memberId);
            }
        }

        @Override
        public void joined(String memberId) {
            if (line != this) {
                return;
            }
            id = memberId;
            joins++;
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            if (line != this) {
                return;
            }
            for (AssignedPartition one : partitions) {
                owned.put(one.partition(), one.committed());
            }
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            if (line != this) {
                return;
            }
            disturbed.addAll(partitions);
            revoked.addAll(partitions);
            if (releasesAtOnce) {
                release(partitions);
            }
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            if (line != this) {
                return;
            }
            disturbed.addAll(partitions);
            partitions.forEach(owned::remove);
            revoked.removeAll(partitions);
        }

        @Override
        public void alive(long received) {
            if (line != this) {
                return;
            }
            answered = received;
            Long sent = sentNanos.get(received);
            if (sent != null) {
                rightUntilNanos =
                        Math.max(rightUntilNanos, sent + details.sessionTimeout().toNanos());
                sentNanos.headMap(received).clear();
            }
        }

        @Override
        public void ended(Problem problem) {
            if (line != this) {
                return;
            }
            ended = problem;
            session = null;
            if (!problem.retriable()) {
                owned.clear();
                revoked.clear();
                id = "";
            }
            afterEnd.accept(problem);
        }
    }
}
