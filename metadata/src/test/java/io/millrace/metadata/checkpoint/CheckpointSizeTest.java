package io.millrace.metadata.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.state.MetadataState;
import org.junit.jupiter.api.Test;

class CheckpointSizeTest {

    private final StateSnapshot snapshot = new MetadataState().snapshot();

    @Test
    void aCheckpointThatIsTooLargeNamesAnAction() {
        int size = CheckpointCodec.encode(snapshot).length;

        assertThat(CheckpointCodec.encode(snapshot, size)).hasSize(size);
        assertThatThrownBy(() -> CheckpointCodec.encode(snapshot, size - 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("offload-threshold-extents");
    }
}
