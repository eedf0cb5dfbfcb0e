package io.millrace.server.grpc.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Announcements of uploaded objects. */
class BlockAnnouncerTest {

    private static final long WRITER = 1;

    private final List<RegisteredNode> members = new ArrayList<>();
    private final List<String> reported = new ArrayList<>();
    private final List<CompletableFuture<Void>> open = new ArrayList<>();
    private final List<ObjectRef> receivedHere = new ArrayList<>();
    private final List<ObjectId> withdrawnHere = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private boolean rejecting;

    private final BlockAnnouncer announcements =
            new BlockAnnouncer(
                    new SealedObjectSink() {
                        @Override
                        public void offer(SealedObject object) {}

                        @Override
                        public void uploaded(ObjectRef object) {
                            receivedHere.add(object);
                        }

                        @Override
                        public void withdrawn(ObjectId object) {
                            withdrawnHere.add(object);
                        }
                    },
                    () -> members,
                    () -> "writer",
                    this::send,
                    registry);

    private CompletableFuture<Void> send(RegisteredNode loader, ObjectRef object) {
        if (rejecting) {
            throw new IllegalStateException("refused");
        }
        reported.add(loader.node());
        CompletableFuture<Void> call = new CompletableFuture<>();
        open.add(call);
        return call;
    }

    private void member(String node, long incarnation, String zone, Role... roles) {
        members.add(
                new RegisteredNode(node, incarnation, Set.of(roles), zone, "h", 1, 1, incarnation));
    }

    private static ObjectRef object(long sequence) {
        return new ObjectRef(new ObjectId(ObjectId.Kind.WAL, WRITER, sequence), 1000, 2000);
    }

    private double count(String result) {
        return registry.get("millrace.ingest.announcements")
                .tag("result", result)
                .counter()
                .count();
    }

    @Test
    void anObjectIsAnnouncedToEveryOtherFetchNode() {
        member("writer", WRITER, "a", Role.INGEST, Role.FETCH);
        member("a1", 2, "a", Role.FETCH);
        member("a2", 3, "a", Role.FETCH);
        member("b1", 4, "b", Role.FETCH);
        member("c1", 5, "c", Role.INGEST);
        announcements.uploaded(object(0));
        assertThat(reported).containsExactlyInAnyOrder("a1", "a2", "b1");
        assertThat(receivedHere).hasSize(1);
    }

    @Test
    void aWithdrawnObjectIsReportedOnlyLocally() {
        member("b1", 4, "b", Role.FETCH);
        announcements.withdrawn(object(0).id());
        assertThat(withdrawnHere).containsExactly(object(0).id());
        assertThat(reported).isEmpty();
    }

    @Test
    void announcementsBeyondTheMaximumAreSkipped() {
        member("b1", 4, "b", Role.FETCH);
        for (int i = 0; i < BlockAnnouncer.MAX_OPEN + 5; i++) {
            announcements.uploaded(object(i));
        }
        assertThat(open).hasSize(BlockAnnouncer.MAX_OPEN);
        assertThat(count("skipped")).isEqualTo(5);
        open.forEach(call -> call.complete(null));
        announcements.uploaded(object(1000));
        assertThat(open).hasSize(BlockAnnouncer.MAX_OPEN + 1);
        assertThat(count("received")).isEqualTo(BlockAnnouncer.MAX_OPEN);
    }

    @Test
    void aFailedAnnouncementIsCountedAndOthersAreSent() {
        member("b1", 4, "b", Role.FETCH);
        announcements.uploaded(object(0));
        open.getFirst().completeExceptionally(new IllegalStateException("lost"));
        rejecting = true;
        announcements.uploaded(object(1));
        assertThat(count("failed")).isEqualTo(2);
        rejecting = false;
        announcements.uploaded(object(2));
        assertThat(reported).hasSize(2);
    }
}
