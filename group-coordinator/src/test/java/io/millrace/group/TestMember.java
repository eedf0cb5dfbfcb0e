package io.millrace.group;

import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.principal.Caller;
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

/** A scripted member of a group that tracks the expiry of its session. */
public final class TestMember {

    final SimulatedEventLoop loop;
    public final MemberDetails details;
    final String group;
    public final String instanceId;

    /** The owned partitions with their start offsets. */
    public final TreeMap<PartitionId, Optional<CommittedOffset>> owned = new TreeMap<>();

    /** The partitions under revocation. */
    public final TreeSet<PartitionId> revoked = new TreeSet<>();

    /** All partitions that were ever lost or revoked. */
    public final List<PartitionId> disturbed = new ArrayList<>();

    public boolean releasesAtOnce = true;

    /** True if invitations are accepted. */
    public boolean accepts = true;

    /** The member ids of all invitations. */
    public final List<String> invitations = new ArrayList<>();

    public String id = "";

    /** Whether the member chooses its id and does not know whether it joined before. */
    public boolean choosesId;

    @Nullable public Problem ended;
    public Consumer<Problem> afterEnd = problem -> {};
    @Nullable public GroupSessions at;
    public int joins;
    public long rightUntilNanos;
    @Nullable public GroupSession session;
    private final TreeMap<Long, Long> sentNanos = new TreeMap<>();
    private long mark;
    private @Nullable TestConnection line;
    private long commits;
    public long answered = -1;

    public TestMember(
            SimulatedEventLoop loop, String group, String instanceId, MemberDetails details) {
        this.loop = loop;
        this.group = group;
        this.instanceId = instanceId;
        this.details = details;
    }

    /** Joins, or continues an earlier membership. */
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
        TestConnection newLine = new TestConnection();
        line = newLine;
        session =
                coordinator.join(
                        new JoinRequest(
                                group,
                                id,
                                choosesId,
                                instanceId,
                                details,
                                id.isEmpty() || !knowsItsOwn ? Optional.empty() : Optional.of(own),
                                Caller.anonymous("")),
                        newLine);
        session.heartbeat(mark);
    }

    /** Accepts the invitation with this id. */
    public void accept(String memberId) {
        Objects.requireNonNull(session, "a session").accept(memberId);
    }

    /** Sends a heartbeat. */
    public void heartbeat() {
        GroupSession to = session;
        if (to != null) {
            sentNanos.put(++mark, loop.nanoTime());
            to.heartbeat(mark);
        }
    }

    /** Sends heartbeats at this interval until the session ends. */
    public void keepSendingHeartbeats(Duration every) {
        GroupSession same = session;
        loop.schedule(
                every,
                () -> {
                    if (session == same && same != null) {
                        heartbeat();
                        keepSendingHeartbeats(every);
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

    /** Cuts the connection silently in both directions. */
    public void cut() {
        session = null;
        line = null;
    }

    /** Ends without leaving. */
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

    /** The error with which the session ended. */
    public Problem problem() {
        return Objects.requireNonNull(ended, "the end of the session");
    }

    public Reason reason() {
        return problem().reason();
    }

    /** Returns whether the member may work on the partition, as far as the member can tell. */
    public boolean hasRightTo(PartitionId key) {
        return owned.containsKey(key) && loop.nanoTime() < rightUntilNanos;
    }

    /** Receives events while the connection is intact. */
    private final class TestConnection implements SessionListener {

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
            for (AssignedPartition partition : partitions) {
                owned.put(partition.partition(), partition.committed());
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
        public void heartbeatAcknowledged(long received) {
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
