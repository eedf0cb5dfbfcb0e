package io.millrace.server.grpc.peer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Announces uploaded objects to the fetch nodes, in parallel with the commit. A fetch node with
 * interested readers then loads the object or requests the bytes from its zone's loading node.
 * Announcements are not repeated: a loss, or a skip while {@code MAX_OPEN} are pending, costs the
 * first reader a GET. Any thread.
 */
public final class BlockAnnouncer implements SealedObjectSink {

    static final int MAX_OPEN = 256;

    /** Transport of announcements to a fetch node. */
    public interface AnnouncementSender {

        /**
         * Announces an object to the node. Never blocks.
         *
         * @return completes on any thread within a bounded time
         */
        CompletableFuture<Void> announce(RegisteredNode node, ObjectRef object);
    }

    private final SealedObjectSink localSink;
    private final Supplier<List<RegisteredNode>> members;
    private final Supplier<String> self;
    private final AnnouncementSender sender;
    private final Counter received;
    private final Counter failed;
    private final Counter skipped;
    private final AtomicInteger pending = new AtomicInteger();

    /**
     * @param here the local sink, which receives all objects as well
     * @param members the live nodes; called on any thread
     */
    public BlockAnnouncer(
            SealedObjectSink here,
            Supplier<List<RegisteredNode>> members,
            Supplier<String> self,
            AnnouncementSender sender,
            MeterRegistry registry) {
        this.localSink = here;
        this.members = members;
        this.self = self;
        this.sender = sender;
        this.received = counter(registry, "received");
        this.failed = counter(registry, "failed");
        this.skipped = counter(registry, "skipped");
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return registry.counter("millrace.ingest.announcements", "result", result);
    }

    @Override
    public void offer(SealedObject object) {
        localSink.offer(object);
    }

    @Override
    public void uploaded(ObjectRef object) {
        localSink.uploaded(object);
        String own = self.get();
        for (RegisteredNode node : members.get()) {
            if (node.roles().contains(Role.FETCH) && !node.node().equals(own)) {
                announce(node, object);
            }
        }
    }

    @Override
    public void withdrawn(ObjectId object) {
        localSink.withdrawn(object);
    }

    private void announce(RegisteredNode node, ObjectRef object) {
        if (pending.incrementAndGet() > MAX_OPEN) {
            pending.decrementAndGet();
            skipped.increment();
            return;
        }
        CompletableFuture<Void> reported;
        try {
            reported = sender.announce(node, object);
        } catch (RuntimeException rejected) {
            reported = CompletableFuture.failedFuture(rejected);
        }
        var unused =
                reported.whenComplete((done, failure) -> {
                    pending.decrementAndGet();
                    (failure == null ? received : failed).increment();
                });
    }
}
