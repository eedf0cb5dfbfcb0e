package io.millrace.server.grpc.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and the command against a server that refuses operations. */
@Timeout(120)
final class ClientAuthorizationTest {

    private static final String ALICE = "User:alice";

    @TempDir Path folder;

    private SecuredNode node;

    @BeforeEach
    void open() throws IOException {
        node = new SecuredNode(folder);
        node.createTopic("t");
        node.createTopic("other");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static Acl write(String topic) {
        return Acl.allow(
                ALICE, Operation.WRITE, ResourcePattern.literal(ResourceType.TOPIC, topic));
    }

    private MillraceClient alice() {
        return MillraceClient.connect(
                ClientSettings.of(node.address()).withoutDiscovery().withTokens(() -> "alice"));
    }

    private static void succeeds(CompletableFuture<?> delivery) throws Exception {
        assertThat(delivery.get(60, TimeUnit.SECONDS)).isNotNull();
    }

    private static void isRefused(CompletableFuture<?> delivery) {
        assertThatThrownBy(() -> delivery.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        MillraceException.Rejected.class,
                        refused -> assertThat(refused.reason()).contains(Reason.NOT_AUTHORIZED));
    }

    private static OutgoingRecord record(String topic) {
        return OutgoingRecord.of(topic, null, "value".getBytes(UTF_8));
    }

    @Test
    void aProducerContinuesInOtherTopicsAndResumesWhenTheRightReturns() throws Exception {
        node.allow(write("t"));
        node.allow(write("other"));
        try (MillraceClient client = alice();
                Producer producer = client.producer()) {
            succeeds(producer.send(record("t")));
            succeeds(producer.send(record("other")));
            node.remove(write("t"));
            isRefused(producer.send(record("t")));
            succeeds(producer.send(record("other")));
            isRefused(producer.send(record("t")));
            node.allow(write("t"));
            succeeds(producer.send(record("t")));
        }
    }

    @Test
    void aProducerWithoutRightsFailsAtOnceWithTheReason() {
        try (MillraceClient client = alice();
                Producer producer = client.producer()) {
            assertThatThrownBy(() -> producer.send(record("t")))
                    .isInstanceOf(MillraceException.Rejected.class)
                    .hasMessageContaining("no right to DESCRIBE TOPIC t");
        }
    }

    @Test
    void theCommandNamesTheMissingRight() throws IOException {
        Path token = Files.writeString(folder.resolve("alice.token"), "alice");
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        Console console =
                new Console(
                        InputStream.nullInputStream(),
                        new ByteArrayOutputStream(),
                        new PrintStream(errors, true, UTF_8),
                        false);
        String[] command = {
            "topic", "delete", "t", "--server", node.address(), "--token-file", token.toString()
        };
        int exit = MillraceCommand.run(console, command);
        assertThat(exit).isEqualTo(1);
        assertThat(errors.toString(UTF_8)).contains("User:alice has no right to DELETE TOPIC t");
    }
}
