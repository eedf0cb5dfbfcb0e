package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.Assignor;
import io.millrace.fetch.group.JoinRequest;
import io.millrace.fetch.group.MemberDetails;
import io.millrace.fetch.group.Subscription;
import io.millrace.protocol.error.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionCodecTest {

    private static final String CLUSTER = "c";
    private static final MemberDetails DETAILS =
            new MemberDetails(
                    Subscription.to(Set.of("orders", "logs")),
                    Assignor.STICKY,
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(60),
                    "zone-a",
                    "client",
                    "run");

    private static JoinRequest there(JoinRequest request) {
        return SessionCodec.join(CLUSTER, SessionCodec.join(CLUSTER, request));
    }

    @Test
    void whatAMemberAsksForIsTheSameAtTheOtherNode() {
        Set<PartitionKey> some = Set.of(new PartitionKey(3, 0), new PartitionKey(4, 7));
        for (boolean chosen : new boolean[] {true, false}) {
            for (Optional<Set<PartitionKey>> owned :
                    List.of(
                            Optional.<Set<PartitionKey>>empty(),
                            Optional.of(Set.<PartitionKey>of()),
                            Optional.of(some))) {
                JoinRequest request =
                        new JoinRequest("group", "member", chosen, "instance", DETAILS, owned);
                assertThat(there(request)).isEqualTo(request);
            }
        }
    }

    @Test
    void aNodeOfAnotherClusterRefuses() {
        JoinRequest request = new JoinRequest("group", "", "", DETAILS, Optional.empty());
        assertThatThrownBy(() -> SessionCodec.join("other", SessionCodec.join(CLUSTER, request)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cluster");
    }
}
