package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.StorageMetrics.Operation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BucketContactTest {

    private static final ObjectStoreException AWAY =
            new ObjectStoreException.Unavailable("away", null);

    private final BucketContact contact = new BucketContact();

    private static long at(int second) {
        return Duration.ofSeconds(second).toNanos();
    }

    @Test
    void anOutageLastsFromTheFirstFailureToTheNextSuccess() {
        assertThat(contact.readOutage(at(0))).isZero();
        contact.failed(Operation.GET, AWAY, at(1));
        contact.failed(Operation.LIST, AWAY, at(30));
        assertThat(contact.readOutage(at(31))).isEqualTo(Duration.ofSeconds(30));

        contact.answered(Operation.GET);

        assertThat(contact.readOutage(at(31))).isZero();
    }

    @Test
    void readsThatSucceedDoNotHideWritesThatFail() {
        contact.failed(Operation.PUT, AWAY, at(1));
        contact.answered(Operation.GET);

        assertThat(contact.writeOutage(at(11))).isEqualTo(Duration.ofSeconds(10));
        assertThat(contact.readOutage(at(11))).isZero();
    }

    @Test
    void anOutageEndsWithoutRequestsBecauseAnIdleNodeHasNone() {
        contact.failed(Operation.PUT, AWAY, at(1));
        assertThat(contact.writeOutage(at(61))).isEqualTo(Duration.ofSeconds(60));
        assertThat(contact.writeOutage(at(62))).isZero();

        contact.failed(Operation.PUT, AWAY, at(100));

        assertThat(contact.writeOutage(at(101))).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aMissingObjectIsNoOutage() {
        contact.failed(Operation.GET, AWAY, at(1));
        contact.failed(Operation.GET, new ObjectStoreException.Missing("k", null), at(2));

        assertThat(contact.readOutage(at(3))).isZero();
    }
}
