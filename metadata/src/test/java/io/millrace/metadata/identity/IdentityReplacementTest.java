package io.millrace.metadata.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.MemoryObjectStore;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class IdentityReplacementTest {

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SplittableRandom random = new SplittableRandom(1);
    private final ClusterId former = ClusterId.random(random);
    private final IdentityReplacement restore = restore();
    private final IdentityReplacement other = restore();

    private IdentityReplacement restore() {
        return new IdentityReplacement(bucket, "test", random);
    }

    private void hasFormer() {
        new BucketIdentity(bucket, "test").put(former).join();
    }

    @Test
    void anUndoneReplacementLeavesTheFormerIdentity() {
        hasFormer();
        restore.run(List.of(former)).join();
        assertThat(restore.current().join()).containsExactly(restore.id());

        restore.undo(List.of(former)).join();
        assertThat(restore.current().join()).containsExactly(former);
    }

    @Test
    void theIdentityOfAnotherRestoreStaysAlone() {
        hasFormer();
        restore.run(List.of(former)).join();
        other.run(List.of(restore.id())).join();

        restore.undo(List.of(former)).join();
        assertThat(restore.current().join()).containsExactly(other.id());
    }
}
