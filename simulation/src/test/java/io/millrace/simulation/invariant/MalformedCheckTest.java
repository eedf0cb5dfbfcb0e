package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.SimulatedBatches;
import io.millrace.simulation.workload.SimulatedBatches.Stamp;
import io.millrace.simulation.world.Violations;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class MalformedCheckTest {

    private static final PartitionName PLACE = PartitionName.OF_MALFORMED;
    private static final int RECORD_COUNT_AT = 57;

    private final Violations violations = new Violations();
    private final MalformedCheck check = new MalformedCheck(violations);
    private final byte[] sound = SimulatedBatches.batch(Stamp.NONE, 1000, 1, 3).toByteArray();

    private byte[] withWrongCount() {
        byte[] batch = sound.clone();
        ByteBuffer.wrap(batch).putInt(RECORD_COUNT_AT, 2);
        return batch;
    }

    @Test
    void acceptsAnAcknowledgedBatchThatIsKeptWhole() {
        check.acknowledged(PLACE, 0, sound);
        check.read(PLACE, sound.clone());
        check.rejected(PLACE, withWrongCount(), new Problem(Reason.RECORD_COUNT_MISMATCH, ""));

        assertThat(violations.first()).isNull();
        assertThat(check.accepted()).isEqualTo(1);
        assertThat(check.rejected()).isEqualTo(1);
    }

    @Test
    void detectsTheAcknowledgementOfAWrongHeader() {
        check.acknowledged(PLACE, 0, withWrongCount());

        assertThat(violations.first()).contains("with a wrong header was acknowledged");
    }

    @Test
    void detectsTheRejectionOfASoundHeader() {
        check.rejected(PLACE, sound, new Problem(Reason.RECORD_COUNT_MISMATCH, ""));

        assertThat(violations.first()).contains("with a sound header was rejected");
    }

    @Test
    void detectsAnInternalError() {
        check.rejected(PLACE, withWrongCount(), new Problem(Reason.INTERNAL_ERROR, "bug"));

        assertThat(violations.first()).contains("rejected with INTERNAL_ERROR");
    }

    @Test
    void detectsAChangedBatch() {
        check.acknowledged(PLACE, 0, sound);
        byte[] changed = sound.clone();
        changed[BatchHeader.BYTES + 10] ^= 1;
        check.read(PLACE, changed);

        assertThat(violations.first()).contains("but").contains("was acknowledged");
    }
}
