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
 * Membership by registration in etcd; the node registered for longest leads. Owned by its event
 * loop.
 */
public final class EtcdMembership implements Membership {

    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);

    private final EventLoop loop;
    private final Etcd etcd;
    private final NodeKeys keys;
    private final Duration life;
    private final List<Runnable> listeners = new ArrayList<>();
    private final NodeView view;
    private final CompletableFuture<Problem> idTakenOver = new CompletableFuture<>();
    private @Nullable Registration registration;
    private String self = "";

    /**
     * @param etcd the client on the same event loop; the caller closes it
     * @param life the node lease, in whole seconds
     */
    public EtcdMembership(EventLoop loop, Etcd etcd, String cluster, Duration life) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = new NodeKeys(cluster);
        this.life = life;
        this.view = new NodeView(loop, etcd, keys, RETRY_PAUSE, life, this::report);
    }

    /** Starts to watch the nodes; completes with the first view. Any thread. */
    public CompletableFuture<Void> open() {
        CompletableFuture<Void> opened = new CompletableFuture<>();
        loop.runNowOrLater(() -> view.open().thenAccept(opened::complete));
        return opened;
    }

    /**
     * Registers this node until {@link #close}. Any thread.
     *
     * @param member the supplier of this node's current properties, called repeatedly
     * @return fails with a {@link io.millrace.protocol.error.ProblemException} if another live
     *     process has its id
     */
    public CompletableFuture<Void> register(Supplier<RegisteredNode> member) {
        CompletableFuture<Void> joined = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            self = member.get().node();
            Registration own = new Registration(loop, etcd, keys, life, member);
            registration = own;
            own.idTakenOver().thenAccept(idTakenOver::complete);
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

    /** Registers changed properties of this node at once; never fails. Any thread. */
    public CompletableFuture<Void> refresh() {
        CompletableFuture<Void> refreshed = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            if (registration == null) {
                refreshed.complete(null);
            } else {
                registration.refresh().thenAccept(refreshed::complete);
            }
        });
        return refreshed;
    }

    /**
     * Returns the registration's lease if certainly valid by this node's clock, so that no node
     * declares this node dead meanwhile. Only on the event loop.
     */
    OptionalLong lease() {
        return registration == null ? OptionalLong.empty() : registration.lease();
    }

    /**
     * Completes on the event loop when another process has taken over this node's id. Any thread.
     */
    public CompletableFuture<Problem> idTakenOver() {
        return idTakenOver.copy();
    }

    /** Adds a listener that runs on the event loop after each change. Only on the event loop. */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    private void report() {
        listeners.forEach(Runnable::run);
    }

    @Override
    public List<RegisteredNode> nodes() {
        return view.nodes();
    }

    @Override
    public boolean isLeader() {
        return view.nodes().stream()
                .min(Comparator.comparingLong(RegisteredNode::registrationRevision))
                .filter(oldest -> oldest.node().equals(self))
                .isPresent();
    }

    /** Deletes this node's key and ends the watch; never fails. Any thread. */
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
