package io.millrace.server.grpc.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.ProblemException;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionCodecTest {

    private static final String CLUSTER = "c";
    private static final MemberDetails DETAILS =
            new MemberDetails(
                    TopicSubscription.to(Set.of("orders", "logs")),
                    AssignmentStrategy.STICKY,
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(60),
                    "zone-a",
                    "client",
                    "run");

    private static JoinRequest there(JoinRequest request) {
        return SessionCodec.join(CLUSTER, SessionCodec.join(CLUSTER, request));
    }

    @Test
    void joinRequestsSurviveEncodingAndDecoding() {
        Set<PartitionId> some = Set.of(new PartitionId(3, 0), new PartitionId(4, 7));
        for (boolean chosen : new boolean[] {true, false}) {
            for (Optional<Set<PartitionId>> owned :
                    List.of(
                            Optional.<Set<PartitionId>>empty(),
                            Optional.of(Set.<PartitionId>of()),
                            Optional.of(some))) {
                JoinRequest request =
                        new JoinRequest(
                                "group",
                                "member",
                                chosen,
                                "instance",
                                DETAILS,
                                owned,
                                new Caller(Principal.user("alice"), "10.0.0.1", 1234));
                assertThat(there(request)).isEqualTo(request);
            }
        }
    }

    @Test
    void aNodeOfAnotherClusterRejectsTheJoin() {
        JoinRequest request = new JoinRequest("group", "", "", DETAILS, Optional.empty());
        assertThatThrownBy(() -> SessionCodec.join("other", SessionCodec.join(CLUSTER, request)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cluster");
    }
}
