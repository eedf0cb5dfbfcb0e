package io.millrace.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.group.assignor.AssignmentStrategy;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MemberDetailsTest {

    private static final MemberDetails DETAILS =
            new MemberDetails(
                    new TopicSubscription(Set.of("a", "b"), "c.*"),
                    AssignmentStrategy.ZONE_AWARE,
                    Duration.ofSeconds(45),
                    Duration.ofMinutes(30),
                    "zone-1",
                    "client é",
                    "run-1",
                    new MemberOrigin("User:alice", "10.0.0.1"));

    @Test
    void theNextCoordinatorReadsWhatTheOneBeforeWrote() {
        assertThat(MemberDetails.decode(DETAILS.encode())).contains(DETAILS);
    }

    @Test
    void theSameDetailsAreTheSameBytes() {
        MemberDetails same =
                new MemberDetails(
                        new TopicSubscription(Set.of("b", "a"), "c.*"),
                        AssignmentStrategy.ZONE_AWARE,
                        Duration.ofSeconds(45),
                        Duration.ofMinutes(30),
                        "zone-1",
                        "client é",
                        "run-1",
                        new MemberOrigin("User:alice", "10.0.0.1"));
        assertThat(same.encode()).isEqualTo(DETAILS.encode());
    }

    @Test
    void whatAnotherProtocolKeepsIsNoDetails() {
        assertThat(MemberDetails.decode(ByteString.copyFromUtf8("\u0001\u0002x"))).isEmpty();
        assertThat(MemberDetails.decode(ByteString.EMPTY)).isEmpty();
    }
}
