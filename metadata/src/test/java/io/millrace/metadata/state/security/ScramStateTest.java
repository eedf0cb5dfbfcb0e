package io.millrace.metadata.state.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.SecurityLimits;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.state.StateDriver;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The commands of SCRAM credentials. */
class ScramStateTest {

    private static final ScramName ALICE = new ScramName("alice", ScramMechanism.SHA_512);
    private static final ScramName ALICE_256 = new ScramName("alice", ScramMechanism.SHA_256);

    private final StateDriver driver = new StateDriver();

    private static ScramCredential credential(ScramName name, int salt) {
        return credential(
                name,
                ScramMechanism.MIN_ITERATIONS,
                ByteString.copyFrom(new byte[] {(byte) salt}),
                name.mechanism().keyBytes());
    }

    private static ScramCredential credential(
            ScramName name, int iterations, ByteString salt, int keyBytes) {
        ByteString key = ByteString.copyFrom(new byte[keyBytes]);
        return new ScramCredential(name, iterations, salt, key, key);
    }

    private Outcome set(ScramCredential... credentials) {
        return driver.apply(new Command.ScramCredentialsChanged(List.of(credentials), List.of()));
    }

    private Outcome remove(ScramName... names) {
        return driver.apply(new Command.ScramCredentialsChanged(List.of(), List.of(names)));
    }

    private static Reason reason(Outcome outcome) {
        return ((Outcome.CommandRejected) outcome).problem().reason();
    }

    private MetadataState state() {
        return driver.state();
    }

    private ScramCredentials credentials() {
        return state().scramCredentials();
    }

    @Test
    void aUserHasACredentialForEachMechanism() {
        set(credential(ALICE, 1), credential(ALICE_256, 2));
        assertThat(credentials().all())
                .containsExactly(credential(ALICE_256, 2), credential(ALICE, 1));

        set(credential(ALICE, 3));
        assertThat(credentials().find(ALICE)).contains(credential(ALICE, 3));

        remove(ALICE);
        assertThat(credentials().all()).containsExactly(credential(ALICE_256, 2));
    }

    @Test
    void aRepeatedChangeCompletesAndChangesNothing() {
        set(credential(ALICE, 1));
        long size = state().sizes().bytes();

        assertThat(set(credential(ALICE, 1))).isEqualTo(new Outcome.Completed());
        assertThat(remove(ALICE_256)).isEqualTo(new Outcome.Completed());
        assertThat(credentials().all()).containsExactly(credential(ALICE, 1));
        assertThat(state().sizes().bytes()).isEqualTo(size);
    }

    @Test
    void oneIllegalCredentialRejectsTheWholeChange() {
        ByteString salt = ByteString.copyFrom(new byte[8]);
        for (ScramCredential illegal :
                List.of(
                        credential(new ScramName("", ScramMechanism.SHA_512), 1),
                        credential(new ScramName("é".repeat(254), ScramMechanism.SHA_512), 1),
                        credential(ALICE_256, ScramMechanism.MIN_ITERATIONS - 1, salt, 32),
                        credential(ALICE_256, ScramMechanism.MAX_ITERATIONS + 1, salt, 32),
                        credential(ALICE_256, ScramMechanism.MIN_ITERATIONS, ByteString.EMPTY, 32),
                        credential(
                                ALICE_256,
                                ScramMechanism.MIN_ITERATIONS,
                                ByteString.copyFrom(new byte[SecurityLimits.MAX_SALT_BYTES + 1]),
                                32),
                        credential(ALICE_256, ScramMechanism.MIN_ITERATIONS, salt, 64))) {
            assertThat(reason(set(credential(ALICE, 1), illegal)))
                    .as("%s", illegal)
                    .isEqualTo(Reason.MALFORMED_REQUEST);
        }
        assertThat(credentials().all()).isEmpty();
    }

    @Test
    void theNumberOfCredentialsHasALimitThatStillAllowsReplacements() {
        for (int i = 0; i < 20; i++) {
            int from = i * 1_000;
            set(
                    IntStream.range(from, from + 1_000)
                            .mapToObj(n -> new ScramName("user-" + n, ScramMechanism.SHA_256))
                            .map(name -> credential(name, 1))
                            .toArray(ScramCredential[]::new));
        }
        assertThat(credentials().size()).isEqualTo(20_000);

        assertThat(reason(set(credential(ALICE, 1)))).isEqualTo(Reason.METADATA_FULL);
        ScramName seventh = new ScramName("user-7", ScramMechanism.SHA_256);
        assertThat(set(credential(seventh, 2))).isEqualTo(new Outcome.Completed());
        assertThat(
                        driver.apply(
                                new Command.ScramCredentialsChanged(
                                        List.of(credential(ALICE, 1)), List.of(seventh))))
                .isEqualTo(new Outcome.Completed());
    }

    @Test
    void aCheckpointKeepsCredentials() {
        set(credential(ALICE, 1), credential(ALICE_256, 2));
        List<ScramCredential> all = credentials().all();
        long size = state().sizes().bytes();

        driver.restart();

        assertThat(credentials().all()).isEqualTo(all);
        assertThat(state().sizes().bytes()).isEqualTo(size).isPositive();
    }

    @Test
    void replicasWithDifferentKeysHaveDifferentDigests() {
        StateDriver other = new StateDriver();
        set(credential(ALICE, 1));
        other.apply(new Command.ScramCredentialsChanged(List.of(credential(ALICE, 2)), List.of()));

        assertThat(state().digest()).isNotEqualTo(other.state().digest());
    }

    @Test
    void noTextHasAKey() {
        Command command =
                new Command.ScramCredentialsChanged(List.of(credential(ALICE, 1)), List.of());

        assertThat(command.toString()).contains("alice").doesNotContain("ByteString");
    }
}
