package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of {@code millrace cost} on the stored bytes and the requests of a cluster. */
class CostIT {

    @TempDir Path folder;

    @Test
    void requestsOfAllNodesAreCountedAndPriced() throws Exception {
        try (FolderCluster cluster = FolderCluster.of(folder, "a", "b")) {
            String first = cluster.node("a").address();
            run(first, "topic", "create", "logs").ok();
            run(first, "topic", "create", "empty").ok();
            for (String node : List.of("a", "b")) {
                produce(cluster.node(node).address(), node);
            }
            JsonNode usage = usage(first);
            assertThat(sum(usage.path("topics"), "live"))
                    .isEqualTo(usage.path("produced").asLong());
            assertThat(sum(usage.path("kinds"), "live")).isEqualTo(usage.path("produced").asLong());
            assertThat(usage.path("topics").findValuesAsText("topic"))
                    .containsExactly("logs", "empty");
            assertThat(sum(usage.path("topics"), "objects"))
                    .as("two nodes wrote")
                    .isGreaterThanOrEqualTo(2);
            assertThat(usage.path("kinds").findValuesAsText("kind")).contains("metadata");
            assertThat(usage.path("nodes").findValuesAsText("id")).containsExactly("a", "b");
            assertThat(usage.path("writeAmplification").asDouble()).isGreaterThan(1);
            assertThat(usage.has("readAmplification")).as("nothing was read").isFalse();
            assertThat(requests(usage, "put")).isGreaterThanOrEqualTo(2);

            JsonNode priced =
                    usage(first, "--put-price", "1000", "--get-price", "0", "--storage-price", "0");
            assertThat(priced.path("cost").asDouble())
                    .isEqualTo(
                            requests(priced, "put")
                                    + requests(priced, "list")
                                    + requests(priced, "create_multipart")
                                    + requests(priced, "upload_part")
                                    + requests(priced, "complete_multipart")
                                    + requests(priced, "list_multipart"));

            JsonNode lists =
                    usage(first, "--put-price", "0", "--get-price", "0", "--list-price", "1000");
            assertThat(lists.path("cost").asDouble())
                    .isEqualTo(requests(lists, "list") + requests(lists, "list_multipart"));

            cluster.node("b").kill();
            JsonNode alone = usage(first);
            assertThat(alone.path("produced").asLong())
                    .as("the requests of the ended node are unknown")
                    .isLessThan(usage.path("produced").asLong());
            assertThat(sum(alone.path("topics"), "live"))
                    .isEqualTo(usage.path("produced").asLong());
            assertThat(run(first, "cost").text()).contains("logs\t", "wal block\t");
        }
    }

    private void produce(String server, String name) throws IOException {
        List<String> lines = IntStream.range(0, 100).mapToObj(i -> name + " " + i).toList();
        Path file = Files.write(folder.resolve(name + ".txt"), lines);
        run(server, "produce", "logs", "--file", file.toString()).ok();
    }

    private static JsonNode usage(String server, String... options) throws IOException {
        String[] all = new String[options.length + 3];
        all[0] = "cost";
        all[1] = "--output";
        all[2] = "json";
        System.arraycopy(options, 0, all, 3, options.length);
        return new ObjectMapper().readTree(run(server, all).text());
    }

    private static long sum(JsonNode rows, String name) {
        return StreamSupport.stream(rows.spliterator(), false)
                .mapToLong(row -> row.path(name).asLong())
                .sum();
    }

    private static long requests(JsonNode usage, String operation) {
        return StreamSupport.stream(usage.path("requests").spliterator(), false)
                .filter(row -> row.path("operation").asText().equals(operation))
                .mapToLong(row -> row.path("answered").asLong() + row.path("failed").asLong())
                .sum();
    }

    private static MillraceCommandLine.Result run(String server, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = server;
        return MillraceCommandLine.run(all);
    }
}
