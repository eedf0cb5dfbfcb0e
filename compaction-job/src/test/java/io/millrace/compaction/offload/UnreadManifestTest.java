package io.millrace.compaction.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of offloading and reloading with objects that the bucket does not return. */
class UnreadManifestTest {

    private static final Fault REJECTED =
            Fault.failing(new ObjectStoreException.RequestRejected("403 AccessDenied", null));

    private static final Fault UNAVAILABLE =
            Fault.failing(new ObjectStoreException.Unavailable("input/output error", null));

    private static final Fault CORRUPT =
            Fault.failing(new ObjectStoreException.Corrupt("another checksum", null));

    private final OffloadWorld world = new OffloadWorld();

    /** Writes two topics with all extents offloaded, each in its own extent manifest. */
    private List<Topic> offloaded() {
        Topic first = world.fixture.createTopic("first", 1);
        Topic second = world.fixture.createTopic("second", 1);
        world.start(0, 20, 20);
        for (Topic topic : List.of(first, second)) {
            world.segment(topic, 0, 20, OffloadWorld.SETTLED);
            world.roundPasses();
        }
        assertThat(world.manifests()).hasSize(2);
        return List.of(first, second);
    }

    private List<ObjectKey> namedManifests() {
        return world.fixture.metadata().objects().referencedObjects().stream()
                .map(StoredObject::object)
                .filter(ref -> ref.id().kind() == ObjectId.Kind.MANIFEST)
                .map(ref -> ref.id().key("c"))
                .toList();
    }

    private void holdsUpNoOther(Fault fault) {
        List<Topic> topics = offloaded();
        ObjectKey bad = world.manifests().getFirst();
        world.bucket.forObject(bad, fault);
        topics.forEach(topic -> world.fixture.propose(new Command.TopicDeleted(topic.id())));
        world.roundPasses();
        world.roundPasses();

        assertThat(namedManifests()).containsExactly(bad);
        assertThat(world.counted("millrace.offload.damaged")).isOne();
        assertThat(world.counted("millrace.offload.failures")).isZero();
    }

    @Test
    void aManifestThatIsRefusedHoldsUpNoOther() {
        holdsUpNoOther(REJECTED);
    }

    @Test
    void aManifestThatIsUnavailableTwiceHoldsUpNoOther() {
        holdsUpNoOther(UNAVAILABLE);
    }

    @Test
    void aManifestThatComesCorruptedHoldsUpNoOther() {
        holdsUpNoOther(CORRUPT);
    }

    @Test
    void whatIsRefusedIsNotJoinedWithWhatLeavesMemory() {
        Topic topic = world.fixture.createTopic("orders", 1, OffloadWorld.FOREVER);
        Topic other = world.fixture.createTopic("other", 1, OffloadWorld.FOREVER);
        world.start(0, 100, 20);
        for (Topic one : List.of(topic, other)) {
            world.segment(one, 0, 20, OffloadWorld.SETTLED);
            world.roundPasses();
        }
        ObjectId last = world.log(topic, 0).lastOffloadedRange().orElseThrow().manifest().id();
        world.bucket.forObject(last.key("c"), REJECTED);
        world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.roundPasses();

        assertThat(world.inMemory()).isLessThan(5);
        assertThat(world.counted("millrace.offload.failures")).isZero();
    }

    @Test
    void aSparseObjectThatIsRefusedHoldsUpNoOther() {
        Topic topic = world.fixture.createTopic("orders", 4, OffloadWorld.FOREVER);
        Topic other = world.fixture.createTopic("others", 6, OffloadWorld.FOREVER);
        ObjectId rejected = world.shared(List.of(topic, other), 20);
        ObjectId sound = world.shared(List.of(topic, other), 20);
        for (int i = 0; i < 4; i++) {
            world.write(topic, i);
        }
        world.start(0, 20, 1_000);
        world.roundPasses();
        world.roundPasses();
        world.bucket.forObject(rejected.key("c"), REJECTED);
        world.fixture.propose(new Command.TopicDeleted(other.id()));
        for (int i = 0; i < 9; i++) {
            world.roundPasses();
        }

        assertThat(world.offloadedOf(sound)).isLessThan(80);
        assertThat(world.counted("millrace.offload.failures")).isZero();
        assertThat(world.counted("millrace.offload.damaged")).isOne();
    }

    @Test
    void nothingIsLeftAloneWhileTheBucketIsAway() {
        List<Topic> topics = offloaded();
        world.bucket.byDefault(REJECTED);
        topics.forEach(topic -> world.fixture.propose(new Command.TopicDeleted(topic.id())));
        world.roundPasses();
        assertThat(world.counted("millrace.offload.damaged")).isZero();
        assertThat(world.counted("millrace.offload.failures")).isPositive();

        world.bucket.byDefault(Fault.none());
        world.roundPasses();
        assertThat(namedManifests()).isEmpty();
    }
}
