package io.millrace.simulation.world;

import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member's session with a coordinator in another process, as in the server. Commits enter the log
 * from this process, under the last reported generation. Other messages are relayed in order until
 * the connection breaks.
 */
final class PeerSession implements GroupSession {

    private static final Problem UNREACHABLE =
            new Problem(Reason.NOT_COORDINATOR, "The coordinator cannot be reached.");

    private final NodeLoop loop;
    private final GroupCommits commits;
    private final String group;
    private final SessionListener listener;
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private Network.@Nullable Link link;
    private @Nullable SimulatedPeerCall call;
    private String memberId = "";
    private int generation;
    private boolean detached;
    private boolean ended;

    /**
     * @param loop the event loop of the member's process
     */
    PeerSession(NodeLoop loop, GroupCommits commits, String group, SessionListener listener) {
        this.loop = loop;
        this.commits = commits;
        this.group = group;
        this.listener = listener;
    }

    /** Ends the session because no process is at the other end. */
    void rejected(Duration after) {
        loop.schedule(after, () -> close(UNREACHABLE));
    }

    /**
     * @param notice the time after which this end notices a broken connection
     * @param theirNotice as {@code notice}, for the other end
     */
    void open(Network.Link to, JoinRequest request, Duration notice, Duration theirNotice) {
        link = to;
        SimulatedPeerCall begun = new SimulatedPeerCall(to, loop, this);
        call = begun;
        to.send(() -> begun.open(request, theirNotice));
        watch(to, notice);
    }

    private void watch(Network.Link on, Duration every) {
        loop.schedule(
                every,
                () -> {
                    if (ended) {
                        return;
                    }
                    if (on.isBroken()) {
                        close(UNREACHABLE);
                    } else {
                        watch(on, every);
                    }
                });
    }

    private void send(Consumer<SimulatedPeerCall> message) {
        Network.Link to = link;
        SimulatedPeerCall there = call;
        if (!ended && to != null && there != null) {
            to.send(() -> message.accept(there));
        }
    }

    @Override
    public void heartbeat(long mark) {
        send(there -> there.heartbeat(mark));
    }

    @Override
    public void accept(String invitation) {
        send(there -> there.accepted(invitation));
    }

    @Override
    public void released(Collection<PartitionId> partitions) {
        List<PartitionId> released = List.copyOf(partitions);
        send(there -> there.released(released));
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        return detached || memberId.isEmpty()
                ? CompletableFuture.completedFuture(new CommitResult.Failed(GroupSession.LEFT))
                : commits.commit(group, memberId, generation, number, offsets);
    }

    @Override
    public CompletableFuture<Void> leave() {
        detached = true;
        send(SimulatedPeerCall::leave);
        if (ended) {
            left.complete(null);
        }
        return left;
    }

    @Override
    public void detach() {
        detached = true;
        send(SimulatedPeerCall::callerDisconnected);
    }

    void deliver(Consumer<SessionListener> what) {
        if (!detached) {
            what.accept(listener);
        }
    }

    void joined(String id, int atGeneration) {
        if (!detached) {
            generation = atGeneration;
            memberId = id;
            listener.joined(id);
        }
    }

    void generationChanged(int toGeneration) {
        if (!detached) {
            generation = toGeneration;
        }
    }

    void close(Problem why) {
        if (ended) {
            return;
        }
        ended = true;
        left.complete(null);
        if (!detached) {
            detached = true;
            listener.ended(why);
        }
    }
}
