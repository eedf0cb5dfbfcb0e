package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.AssignedPartition;
import io.millrace.fetch.group.JoinRequest;
import io.millrace.fetch.group.Session;
import io.millrace.fetch.group.SessionListener;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The coordinator's end of a {@link PeerSession}. On the loop of the process where that is. */
final class PeerCall implements SessionListener {

    private static final Problem LEFT = new Problem(Reason.UNKNOWN_MEMBER, "It has left.");

    private final Network.Link link;
    private final NodeLoop callers;
    private final PeerSession caller;
    private String group = "";
    private @Nullable Session session;
    private boolean ended;

    /**
     * @param callers the loop of the other end
     */
    PeerCall(Network.Link link, NodeLoop callers, PeerSession caller) {
        this.link = link;
        this.callers = callers;
        this.caller = caller;
    }

    /**
     * Joins the group here.
     *
     * @param notice after how long it notices that the connection is broken
     */
    void begin(JoinRequest request, Duration notice) {
        NodeGroups groups = link.process.groups();
        if (groups != null) {
            group = request.group();
            session = groups.coordinator().join(request, this);
            watch(notice);
        }
    }

    private void watch(Duration every) {
        link.process.loop.schedule(
                every,
                () -> {
                    if (ended) {
                        return;
                    }
                    if (link.isBroken() || callers.isDead()) {
                        gone();
                    } else {
                        watch(every);
                    }
                });
    }

    private void with(Consumer<Session> message) {
        if (!ended && session != null) {
            message.accept(session);
        }
    }

    void heardOf(long mark) {
        with(talk -> talk.alive(mark));
    }

    void accepted(String invitation) {
        with(talk -> talk.accept(invitation));
    }

    void released(List<PartitionKey> partitions) {
        with(talk -> talk.released(partitions));
    }

    void leave() {
        with(talk -> {
            var unused = talk.leave().thenRun(() -> ended(LEFT));
        });
    }

    /** The other end is gone. */
    void gone() {
        with(Session::detach);
        ended = true;
    }

    private void say(Runnable message) {
        if (!ended) {
            link.reply(() -> callers.execute(message));
        }
    }

    private int generation() {
        MetadataReplica replica = link.process.replica();
        return replica == null ? 0 : replica.groups().group(group).map(Group::generation).orElse(0);
    }

    @Override
    public void invited(String memberId) {
        say(() -> caller.hear(member -> member.invited(memberId)));
    }

    @Override
    public void joined(String memberId) {
        int now = generation();
        say(() -> caller.joined(memberId, now));
    }

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {
        say(() -> {
            caller.changed(generation);
            // That it has nothing at all is not to be seen in an empty list.
            if (!partitions.isEmpty()) {
                caller.hear(member -> member.assigned(generation, partitions));
            }
        });
    }

    @Override
    public void lost(List<PartitionKey> partitions) {
        say(() -> caller.hear(member -> member.lost(partitions)));
    }

    @Override
    public void revoke(List<PartitionKey> partitions) {
        say(() -> caller.hear(member -> member.revoke(partitions)));
    }

    @Override
    public void alive(long mark) {
        say(() -> caller.hear(member -> member.alive(mark)));
    }

    @Override
    public void ended(Problem problem) {
        say(() -> caller.close(problem));
        ended = true;
    }
}
