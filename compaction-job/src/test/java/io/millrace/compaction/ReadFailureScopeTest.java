package io.millrace.compaction;

import static io.millrace.compaction.ReadFailureScope.AGAIN;
import static io.millrace.compaction.ReadFailureScope.ITS_OWN;
import static io.millrace.compaction.ReadFailureScope.NOT_ITS_OWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.ObjectStoreException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadFailureScopeTest {

    private static final Throwable REJECTED = new ObjectStoreException.Rejected("403", null);
    private static final Throwable UNAVAILABLE = new ObjectStoreException.Unavailable("EIO", null);

    @Test
    void whatIsRefusedWhileOthersAreNotIsSoForAReasonOfItsOwn() {
        assertThat(ReadFailureScope.of(REJECTED, false, true)).isEqualTo(ITS_OWN);
        assertThat(ReadFailureScope.of(REJECTED, true, true)).isEqualTo(ITS_OWN);
    }

    @Test
    void whatIsUnavailableOnceIsReadAgainAndTwiceIsItsOwn() {
        assertThat(ReadFailureScope.of(UNAVAILABLE, false, true)).isEqualTo(AGAIN);
        assertThat(ReadFailureScope.of(UNAVAILABLE, true, true)).isEqualTo(ITS_OWN);
    }

    @Test
    void nothingIsItsOwnWhileNoOtherAnswers() {
        for (Throwable failure : List.of(REJECTED, UNAVAILABLE)) {
            assertThat(ReadFailureScope.of(failure, false, false)).isEqualTo(NOT_ITS_OWN);
            assertThat(ReadFailureScope.of(failure, true, false)).isEqualTo(NOT_ITS_OWN);
        }
    }

    @Test
    void whatBefallsAWholeBucketOrIsAFaultOfTheProgramIsNotItsOwn() {
        for (Throwable failure :
                List.of(
                        new ObjectStoreException.Throttled("slow down", null),
                        new ObjectStoreException.Full("full", null),
                        new IllegalStateException("a bug"))) {
            assertThat(ReadFailureScope.of(failure, true, true)).isEqualTo(NOT_ITS_OWN);
        }
    }
}
