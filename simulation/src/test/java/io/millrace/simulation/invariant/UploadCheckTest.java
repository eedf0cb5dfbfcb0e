package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.NodeLoop;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.UploadId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class UploadCheckTest {

    private static final Duration AGE = Duration.ofSeconds(10);
    private static final UploadId UPLOAD = new UploadId(new ObjectKey("sim/one"), "1");

    private final SimulatedEventLoop world = new SimulatedEventLoop();
    private final Violations violations = new Violations();
    private final NodeLoop owner = new NodeLoop(world);
    private final NodeLoop other = new NodeLoop(world);
    private final UploadCheck check = new UploadCheck(world, violations, AGE);

    UploadCheckTest() {
        check.created(owner, UPLOAD);
    }

    @Test
    void acceptsAnAbortByTheOwnerAndOfAnOldUpload() {
        check.idReceived(UPLOAD);
        check.aborting(owner, UPLOAD);
        world.advance(AGE);
        check.aborting(other, UPLOAD);

        assertThat(violations.first()).isNull();
        assertThat(check.unfinishedUploads()).isEmpty();
    }

    @Test
    void detectsAnEarlyAbortByAnotherProcess() {
        world.advance(AGE.minusMillis(1));
        check.aborting(other, UPLOAD);

        assertThat(violations.first()).contains("aborted by another process before it was old");
    }

    @Test
    void detectsAnUploadThatContinuesAfterItsOwnersAbort() {
        check.aborting(owner, UPLOAD);
        check.idReceived(UPLOAD);

        assertThat(violations.first()).contains("aborted by the process that continues it");
    }

    @Test
    void reportsUploadsOfLiveProcessesUntilTheyEnd() {
        check.idReceived(UPLOAD);
        assertThat(check.unfinishedUploads()).containsExactly(UPLOAD);

        check.completed(UPLOAD);
        assertThat(check.unfinishedUploads()).isEmpty();
        assertThat(check.completed()).isEqualTo(1);
    }

    @Test
    void theUploadsOfAnEndedProcessAreLeftToTheSweep() {
        check.idReceived(UPLOAD);
        owner.kill();

        assertThat(check.unfinishedUploads()).isEmpty();
    }
}
