package io.millrace.compaction;

import static io.millrace.compaction.ReadVerdict.AGAIN;
import static io.millrace.compaction.ReadVerdict.ITS_OWN;
import static io.millrace.compaction.ReadVerdict.NOT_ITS_OWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.ObjectStoreException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadVerdictTest {

    private static final Throwable REFUSED = new ObjectStoreException.Refused("403", null);
    private static final Throwable UNAVAILABLE = new ObjectStoreException.Unavailable("EIO", null);

    @Test
    void whatIsRefusedWhileOthersAreNotIsSoForAReasonOfItsOwn() {
        assertThat(ReadVerdict.of(REFUSED, false, true)).isEqualTo(ITS_OWN);
        assertThat(ReadVerdict.of(REFUSED, true, true)).isEqualTo(ITS_OWN);
    }

    @Test
    void whatIsUnavailableOnceIsReadAgainAndTwiceIsItsOwn() {
        assertThat(ReadVerdict.of(UNAVAILABLE, false, true)).isEqualTo(AGAIN);
        assertThat(ReadVerdict.of(UNAVAILABLE, true, true)).isEqualTo(ITS_OWN);
    }

    @Test
    void nothingIsItsOwnWhileNoOtherAnswers() {
        for (Throwable failure : List.of(REFUSED, UNAVAILABLE)) {
            assertThat(ReadVerdict.of(failure, false, false)).isEqualTo(NOT_ITS_OWN);
            assertThat(ReadVerdict.of(failure, true, false)).isEqualTo(NOT_ITS_OWN);
        }
    }

    @Test
    void whatBefallsAWholeBucketOrIsAFaultOfTheProgramIsNotItsOwn() {
        for (Throwable failure :
                List.of(
                        new ObjectStoreException.Throttled("slow down", null),
                        new ObjectStoreException.Full("full", null),
                        new IllegalStateException("a bug"))) {
            assertThat(ReadVerdict.of(failure, true, true)).isEqualTo(NOT_ITS_OWN);
        }
    }
}
