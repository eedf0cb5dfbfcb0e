package io.millrace.fetch.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

public final class ZoneLoaderSelectorTest {

    private static final long WRITER = 99;

    private final List<RegisteredNode> members =
            new ArrayList<>(
                    List.of(
                            member("a", 1, "here", Role.FETCH),
                            member("b", 2, "here", Role.FETCH),
                            member("c", 3, "here", Role.FETCH),
                            member("d", 4, "there", Role.FETCH),
                            member("e", 5, "here", Role.INGEST)));
    private final ZoneLoaderSelector loaders = new ZoneLoaderSelector();
    private long nowNanos;

    public static RegisteredNode member(String node, long incarnation, String zone, Role role) {
        return new RegisteredNode(
                node, incarnation, Set.of(role), zone, "host-" + node, 1, 1, incarnation);
    }

    private static ObjectId object(long incarnation, long sequence) {
        return new ObjectId(ObjectId.Kind.WAL, incarnation, sequence);
    }

    private String loader(ZoneLoaderSelector by, ObjectId object, String self) {
        return by.peerFor(object, members, self, nowNanos).map(RegisteredNode::node).orElse(self);
    }

    private List<String> loadersOf(int objects, String self) {
        return LongStream.range(0, objects)
                .mapToObj(i -> loader(loaders, object(WRITER, i), self))
                .toList();
    }

    /** Returns an object for which node a requests chunks from node b. */
    private ObjectId objectOfB() {
        return LongStream.range(0, 100)
                .mapToObj(i -> object(WRITER, i))
                .filter(object -> loader(new ZoneLoaderSelector(), object, "a").equals("b"))
                .findFirst()
                .orElseThrow();
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    @Test
    void allFetchNodesOfAZoneAgreeAndShareTheWork() {
        assertThat(loadersOf(300, "a"))
                .isEqualTo(loadersOf(300, "b"))
                .isEqualTo(loadersOf(300, "c"))
                .containsOnly("a", "b", "c");
        for (String node : List.of("a", "b", "c")) {
            assertThat(loadersOf(300, "a").stream().filter(node::equals).count())
                    .isBetween(60L, 140L);
        }
    }

    @Test
    void zonesLoadForThemselves() {
        assertThat(loadersOf(50, "d")).containsOnly("d");
    }

    @Test
    void objectsAreRequestedFromTheNodeThatWroteThem() {
        for (long i = 0; i < 50; i++) {
            assertThat(loader(loaders, object(2, i), "a")).isEqualTo("b");
            assertThat(loader(loaders, object(2, i), "b")).isEqualTo("b");
            assertThat(loader(loaders, object(5, i), "a")).isNotEqualTo("e");
            assertThat(loader(loaders, object(4, i), "a")).isNotEqualTo("d");
        }
    }

    @Test
    void anUnregisteredNodeUsesNoPeer() {
        assertThat(loadersOf(50, "x")).containsOnly("x");
    }

    @Test
    void aPeerThatFailedIsPassedOverForAWhileAndThenTriedByOneRead() {
        ObjectId object = objectOfB();
        loaders.requestSent("b", nowNanos);
        loaders.failed("b", nowNanos);
        assertThat(loader(loaders, object, "a")).isNotEqualTo("b");
        pass(ZoneLoaderSelector.FIRST_PAUSE.minusNanos(1));
        assertThat(loader(loaders, object, "a")).isNotEqualTo("b");
        pass(Duration.ofNanos(1));
        assertThat(loader(loaders, object, "a")).isEqualTo("b");
        loaders.requestSent("b", nowNanos);
        assertThat(loader(loaders, object, "a")).isNotEqualTo("b");
        loaders.answered("b");
        assertThat(loader(loaders, object, "a")).isEqualTo("b");
    }

    @Test
    void aPeerThatFailsAgainAndAgainIsPassedOverForLongerUpToALimit() {
        ObjectId object = objectOfB();
        Duration expected = ZoneLoaderSelector.FIRST_PAUSE;
        loaders.failed("b", nowNanos);
        for (int i = 0; i < 10; i++) {
            pass(expected.minusNanos(1));
            assertThat(loader(loaders, object, "a")).isNotEqualTo("b");
            pass(Duration.ofNanos(1));
            assertThat(loader(loaders, object, "a")).isEqualTo("b");
            loaders.requestSent("b", nowNanos);
            loaders.failed("b", nowNanos);
            expected = expected.multipliedBy(2);
            if (expected.compareTo(ZoneLoaderSelector.MAX_PAUSE) > 0) {
                expected = ZoneLoaderSelector.MAX_PAUSE;
            }
        }
        assertThat(expected).isEqualTo(ZoneLoaderSelector.MAX_PAUSE);
    }

    @Test
    void manyReadsThatFailTogetherCountAsOneFailure() {
        for (int i = 0; i < 16; i++) {
            loaders.requestSent("b", nowNanos);
        }
        for (int i = 0; i < 16; i++) {
            loaders.failed("b", nowNanos);
        }
        pass(ZoneLoaderSelector.FIRST_PAUSE);
        assertThat(loader(loaders, objectOfB(), "a")).isEqualTo("b");
    }

    @Test
    void whereOneIsPassedOverTheNextInTheOrderLoads() {
        ObjectId object = objectOfB();
        loaders.failed("b", nowNanos);
        String next = loader(loaders, object, "a");
        members.removeIf(member -> member.node().equals("b"));
        assertThat(next).isEqualTo(loader(new ZoneLoaderSelector(), object, "a"));
        assertThat(new ZoneLoaderSelector().peerFor(object, List.of(), "a", nowNanos))
                .isEqualTo(Optional.empty());
    }
}
