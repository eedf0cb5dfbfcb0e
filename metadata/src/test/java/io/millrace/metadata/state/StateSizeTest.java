package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.TestLevels;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The estimated size of the state. */
class StateSizeTest {

    private static final Acl ACL =
            Acl.allow(
                    "User:alice",
                    Operation.READ,
                    ResourcePattern.literal(ResourceType.TOPIC, "orders"));
    private static final Quota QUOTA =
            new Quota(new QuotaKey("User:alice", QuotaKind.REQUESTS), 10);

    private static final ScramCredential CREDENTIAL =
            ScramCredential.of(
                    SaltedPassword.of(
                            new ScramName("alice", ScramMechanism.SHA_512),
                            "secret",
                            ScramMechanism.MIN_ITERATIONS,
                            new byte[20]));

    private final MetadataState state = new MetadataState();
    private long sequence;

    private long growth(Command... commands) {
        long before = state.sizes().bytes();
        state.apply(new Entry(7, ++sequence, List.of(commands)));
        return state.sizes().bytes() - before;
    }

    private static Command block(long topicId, ProducerStamp stamp, long number) {
        ObjectRef object = new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, number), 1_000, 2_000);
        return new Command.BlockCommitted(
                object, 5_000, List.of(new BatchItem(topicId, 0, 1, 0, 100, 4_000, stamp)));
    }

    @Test
    void everyTableCounts() {
        assertThat(growth(new Command.TopicCreated("orders", 1_000, Map.of())))
                .isGreaterThan(100_000);
        growth(new Command.ProducerIdsAllocated(1));
        long plain = growth(block(1, ProducerStamp.NONE, 1));
        assertThat(plain).isPositive();
        assertThat(growth(block(1, new ProducerStamp(0, (short) 0, 0), 2))).isGreaterThan(plain);
        assertThat(growth(new Command.GroupClaimed("readers", 7, 0))).isPositive();
        assertThat(growth(new Command.AclsChanged(List.of(ACL), List.of()))).isPositive();
        assertThat(growth(new Command.QuotasChanged(List.of(QUOTA), List.of()))).isPositive();
        assertThat(growth(new Command.ScramCredentialsChanged(List.of(CREDENTIAL), List.of())))
                .isPositive();
    }

    @Test
    void deletionsReleaseTheirShare() {
        growth(new Command.TopicCreated("orders", 1_000, Map.of()));
        growth(new Command.GroupClaimed("readers", 7, 0), new Command.GroupReleased("readers", 1));
        growth(
                new Command.AclsChanged(List.of(ACL), List.of()),
                new Command.QuotasChanged(List.of(QUOTA), List.of()),
                new Command.ScramCredentialsChanged(List.of(CREDENTIAL), List.of()));

        assertThat(growth(new Command.TopicDeleted(1))).isLessThan(-100_000);
        assertThat(growth(new Command.GroupDeleted("readers"))).isNegative();
        assertThat(growth(new Command.AclsChanged(List.of(), List.of(ACL)))).isNegative();
        assertThat(growth(new Command.QuotasChanged(List.of(), List.of(QUOTA.key())))).isNegative();
        assertThat(
                        growth(
                                new Command.ScramCredentialsChanged(
                                        List.of(), List.of(CREDENTIAL.name()))))
                .isNegative();
        assertThat(state.sizes().bytes()).isZero();
    }

    @Test
    void objectsThatCannotBeDeletedCountUntilTheyAreForgotten() {
        growth(new Command.TopicCreated("orders", 1, Map.of()));
        growth(block(1, ProducerStamp.NONE, 1));
        growth(new Command.TopicDeleted(1));
        assertThat(state.sizes().dereferenced()).isOne();
        assertThat(state.sizes().bytes()).isPositive();

        growth(new Command.ObjectsForgotten(state.entries()));
        assertThat(state.sizes().bytes()).isZero();
    }

    @Test
    void aCheckpointKeepsTheSize() {
        for (long seed = 0; seed < 20; seed++) {
            MetadataState random = new MetadataState(TestLevels.TWO);
            new RandomEntries(new SplittableRandom(seed)).log(300).forEach(random::apply);

            MetadataState read =
                    CheckpointCodec.decode(
                            CheckpointCodec.encode(random.snapshot()),
                            "checkpoint",
                            TestLevels.TWO);

            assertThat(read.sizes().bytes())
                    .as("seed %d", seed)
                    .isEqualTo(random.sizes().bytes())
                    .isPositive();
        }
    }
}
