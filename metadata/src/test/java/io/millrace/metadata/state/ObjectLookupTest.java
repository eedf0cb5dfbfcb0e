package io.millrace.metadata.state;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.Entry;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class ObjectLookupTest {

    @Test
    void exactlyTheReferencedObjectsAreFoundById() {
        int found = 0;
        int gone = 0;
        for (long seed = 0; seed < 40; seed++) {
            RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            MetadataState state = new MetadataState(TestLevels.TWO);
            Set<ObjectId> seen = new HashSet<>();
            for (Entry entry : new RandomEntries(random).log(200)) {
                state.apply(entry);
                if (random.nextInt(20) == 0) {
                    state =
                            CheckpointCodec.decode(
                                    CheckpointCodec.encode(state.snapshot()),
                                    "checkpoint",
                                    TestLevels.TWO);
                }
                Map<ObjectId, ObjectRef> referenced =
                        state.objects().referencedObjects().stream()
                                .map(StoredObject::object)
                                .collect(toMap(ObjectRef::id, ref -> ref));
                seen.addAll(referenced.keySet());
                for (ObjectId id : seen) {
                    Optional<ObjectRef> expected = Optional.ofNullable(referenced.get(id));
                    assertThat(state.objects().find(id)).as("seed %d", seed).isEqualTo(expected);
                    found += expected.isPresent() ? 1 : 0;
                    gone += expected.isPresent() ? 0 : 1;
                }
            }
        }
        assertThat(found).isPositive();
        assertThat(gone).isPositive();
    }
}
