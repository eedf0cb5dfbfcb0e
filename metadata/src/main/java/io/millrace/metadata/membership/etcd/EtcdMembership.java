package io.millrace.metadata.membership.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a cluster that registered themselves in etcd. The one that has been registered for
 * longest leads. Owned by its loop.
 */
public final class EtcdMembership implements Membership {

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final EventLoop loop;
    private final Etcd etcd;
    private final NodeKeys keys;
    private final Duration life;
    private final List<Runnable> listeners = new ArrayList<>();
    private final MemberView view;
    private final CompletableFuture<Problem> ousted = new CompletableFuture<>();
    private @Nullable Registration registration;
    private String self = "";

    /**
     * @param etcd on the same loop; closed by whoever made it
     * @param life how long a node counts as live after it was heard of last, in whole seconds
     */
    public EtcdMembership(EventLoop loop, Etcd etcd, String cluster, Duration life) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = new NodeKeys(cluster);
        this.life = life;
        this.view = new MemberView(loop, etcd, keys, PAUSE, life, this::report);
    }

    /** Begins to watch; completes when there is a view. Any thread. */
    public CompletableFuture<Void> open() {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        loop.runNowOrLater(() -> view.open().thenAccept(opened::complete));
        return opened;
    }

    /**
     * Registers this node, for as long as this is open. Any thread.
     *
     * @param member as it is to be known now; asked again and again
     * @return completes when it is registered; fails with a {@link
     *     io.millrace.protocol.error.ProblemException} if another live process has its id
     */
    public CompletableFuture<Void> join(Supplier<RegisteredNode> member) {
        CompletableFuture<Void> joined = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            self = member.get().node();
            Registration own = new Registration(loop, etcd, keys, life, member);
            registration = own;
            own.ousted().thenAccept(ousted::complete);
            own.open()
                    .whenComplete((done, failure) -> {
                        if (failure == null) {
                            joined.complete(null);
                        } else {
                            joined.completeExceptionally(failure);
                        }
                    });
        });
        return joined;
    }

    /**
     * The lease under which this node is registered, if that lasts for sure by its own clock: as
     * long as it does, nobody takes the node for dead. Only on the loop.
     */
    OptionalLong lease() {
        return registration == null ? OptionalLong.empty() : registration.lease();
    }

    /** Completes on the loop when another process has taken this node's id. Any thread. */
    public CompletableFuture<Problem> ousted() {
        return ousted.copy();
    }

    /** Runs this after each change, on the loop. Only on the loop. */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    private void report() {
        listeners.forEach(Runnable::run);
    }

    @Override
    public List<RegisteredNode> members() {
        return view.members();
    }

    @Override
    public boolean leads() {
        return view.members().stream()
                .min(Comparator.comparingLong(RegisteredNode::age))
                .filter(oldest -> oldest.node().equals(self))
                .isPresent();
    }

    /** Takes this node's key away and ends the watch; completes in any case. Any thread. */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            view.close();
            if (registration == null) {
                closed.complete(null);
            } else {
                registration.close().thenAccept(closed::complete);
            }
        });
        return closed;
    }
}
