package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.admin.BucketOperations.BucketObject;
import io.millrace.client.admin.BucketOperations.ObjectState;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.metadata.etcd.EtcdServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A multipart upload whose writer died: its parts cost money and are in no object listing. */
class UnfinishedUploadsIT {

    private static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", "local", "AWS_SECRET_ACCESS_KEY", "local");

    @TempDir Path folder;

    @Test
    void anOrphanedUploadIsReportedAndAbortedWhenOld() throws Exception {
        SharedServers.Bucket s3 = SharedServers.newBucket();
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1);
                BucketInspector stored = new BucketInspector(etcd, s3);
                MillraceProcess node =
                        MillraceProcess.node(
                                0, CREDENTIALS, at(etcd, s3, "--roles", "ingest,fetch"));
                MillraceClient client =
                        MillraceClient.connect(
                                ClientSettings.of(node.address()).withoutDiscovery());
                Producer producer = client.producer()) {
            client.topics().create("logs", 1, Map.of());
            producer.send(OutgoingRecord.of("logs", null, new byte[100])).join();
            String dead = stored.beginSegment().value();
            assertThat(unfinished(client)).containsExactly(dead);

            compact(etcd, s3, Map.of());
            assertThat(unfinished(client)).as("a day has not passed").containsExactly(dead);

            Eventually.await(
                    () -> "none of these: " + unfinished(client),
                    () -> {
                        // The newest object shows the bucket's current time.
                        producer.send(OutgoingRecord.of("logs", null, new byte[100])).join();
                        compact(etcd, s3, Map.of("MILLRACE_UPLOAD_GRACE_S", "1"));
                        return unfinished(client).isEmpty();
                    });
            assertThat(stored.uploads()).isEmpty();
        }
    }

    private static List<String> unfinished(MillraceClient client) {
        List<BucketObject> all = new ArrayList<>();
        client.bucket().check(false, all::add);
        return all.stream()
                .filter(object -> object.status() == ObjectState.INCOMPLETE_UPLOAD)
                .map(BucketObject::name)
                .toList();
    }

    private static void compact(
            EtcdServer etcd, SharedServers.Bucket s3, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(CREDENTIALS);
        environment.putAll(more);
        MillraceCommandLine.runProcess(environment, at(etcd, s3, "compact", "--once")).ok();
    }

    private static String[] at(EtcdServer etcd, SharedServers.Bucket s3, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--etcd", etcd.addresses()));
        all.addAll(List.of("--bucket", s3.url()));
        all.addAll(List.of("--s3-endpoint", s3.endpoint().toString()));
        return all.toArray(String[]::new);
    }
}
