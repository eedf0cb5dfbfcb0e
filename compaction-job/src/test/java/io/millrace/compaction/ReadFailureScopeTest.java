package io.millrace.compaction;

import static io.millrace.compaction.ReadFailureScope.BUCKET;
import static io.millrace.compaction.ReadFailureScope.OBJECT;
import static io.millrace.compaction.ReadFailureScope.RETRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.ObjectStoreException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadFailureScopeTest {

    private static final Throwable REJECTED = new ObjectStoreException.RequestRejected("403", null);
    private static final Throwable UNAVAILABLE = new ObjectStoreException.Unavailable("EIO", null);

    @Test
    void aRefusalOfOneObjectIsLimitedToIt() {
        assertThat(ReadFailureScope.of(REJECTED, false, true)).isEqualTo(OBJECT);
        assertThat(ReadFailureScope.of(REJECTED, true, true)).isEqualTo(OBJECT);
    }

    @Test
    void anUnavailableObjectIsRetriedOnce() {
        assertThat(ReadFailureScope.of(UNAVAILABLE, false, true)).isEqualTo(RETRY);
        assertThat(ReadFailureScope.of(UNAVAILABLE, true, true)).isEqualTo(OBJECT);
    }

    @Test
    void failuresAreNotLimitedWhileTheBucketIsUnavailable() {
        for (Throwable failure : List.of(REJECTED, UNAVAILABLE)) {
            assertThat(ReadFailureScope.of(failure, false, false)).isEqualTo(BUCKET);
            assertThat(ReadFailureScope.of(failure, true, false)).isEqualTo(BUCKET);
        }
    }

    @Test
    void throttlingAndBugsAreNotLimitedToAnObject() {
        for (Throwable failure :
                List.of(
                        new ObjectStoreException.Throttled("slow down", null),
                        new ObjectStoreException.Full("full", null),
                        new IllegalStateException("a bug"))) {
            assertThat(ReadFailureScope.of(failure, true, true)).isEqualTo(BUCKET);
        }
    }
}
