package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreContract;
import io.millrace.storage.object.ObjectStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreIT extends ObjectStoreContract {

    private int test;
    private final S3ProxyServer server;
    private final ObjectStore store;

    S3ObjectStoreIT(@TempDir Path folder) throws IOException, InterruptedException {
        server = S3ProxyServer.start(Files.createDirectories(folder.resolve("data")));
        store = open(S3ProxyServer.BUCKET);
    }

    @BeforeAll
    void sayWhatRuns() {
        System.out.println("S3 servers under test: S3Proxy at " + server.endpoint());
    }

    @AfterAll
    void stop() throws InterruptedException {
        store.close();
        server.close();
    }

    private S3ObjectStore open(String bucket) {
        return S3ObjectStore.open(
                S3Settings.of(bucket, Optional.of(server.endpoint())),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")));
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected String prefix() {
        return "test" + test + "/";
    }

    @BeforeEach
    void chooseAPrefix() {
        test++;
    }

    @Test
    void aBucketThatIsNotThereIsRefusedInASentence() {
        try (S3ObjectStore nowhere = open("nowhere")) {
            assertThatThrownBy(() -> get(nowhere.check()))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(ObjectStoreException.Refused.class)
                    .hasMessageContaining("create it first");
        }
    }

    @Test
    void aBucketThatIsThereIsFine() {
        try (S3ObjectStore there = open(S3ProxyServer.BUCKET)) {
            get(there.check());
        }
    }

    @Test
    void aServerThatIsAwayIsUnavailable() throws IOException, InterruptedException {
        server.kill();
        assertThatThrownBy(() -> get(store.get(new ObjectKey("a"), new ByteRange(0, 1))))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Unavailable.class);
        server.restart();
    }
}
