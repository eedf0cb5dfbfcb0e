package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A topic's settings are changed from the command line while other clients change them too. */
class TopicConfigIT {

    @TempDir Path folder;

    @Test
    void concurrentChangesAllApplyAndSurviveARestart() {
        Path data = folder.resolve("data");
        try (MillraceProcess server = MillraceProcess.up(data)) {
            run(server, "topic", "create", "logs", "--config", "cleanup.policy=compact").ok();
            concurrently(server);
            run(server, "topic", "reset", "logs", "cleanup.policy").ok();
            MillraceCommandLine.Result wrong =
                    run(server, "topic", "set", "logs", "retention.ms=-2");
            assertThat(wrong.exit()).isEqualTo(1);
            assertThat(wrong.err())
                    .isEqualTo(
                            "The topic setting retention.ms must be a whole number from -1, not"
                                    + " \"-2\".\n");
            assertThat(server.terminate()).isZero();
        }
        try (MillraceProcess server = MillraceProcess.up(data)) {
            assertThat(run(server, "topic", "describe", "logs").ok().text())
                    .contains(
                            "retention.ms\t60000\tms\tyes",
                            "retention.bytes\t1000\tbytes\tyes",
                            "compression.type\tlz4\t-\tyes",
                            "max.message.bytes\t2000\tbytes\tyes",
                            "cleanup.policy\tdelete\t-\tno");
        }
    }

    private static void concurrently(MillraceProcess server) {
        try (MillraceClient client = MillraceClient.connect(server.address());
                MillraceClient other = MillraceClient.connect(server.address())) {
            List<CompletableFuture<TopicOperations.Topic>> changes = new ArrayList<>();
            changes.add(set(client, "retention.ms", "60000"));
            changes.add(set(other, "retention.bytes", "1000"));
            changes.add(set(client, "compression.type", "lz4"));
            changes.add(set(other, "max.message.bytes", "2000"));
            changes.forEach(CompletableFuture::join);
        }
    }

    private static CompletableFuture<TopicOperations.Topic> set(
            MillraceClient client, String key, String value) {
        return client.topics().configureAsync("logs", Map.of(key, value), Set.of());
    }

    private static MillraceCommandLine.Result run(MillraceProcess server, String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = server.address();
        return MillraceCommandLine.run(all);
    }
}
