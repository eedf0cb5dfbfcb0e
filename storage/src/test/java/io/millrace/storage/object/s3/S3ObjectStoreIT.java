package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreContract;
import io.millrace.storage.object.ObjectStoreException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Runs against S3Proxy, and against LocalStack if a Docker daemon is available. */
@ParameterizedClass(name = "{0}")
@MethodSource("servers")
class S3ObjectStoreIT extends ObjectStoreContract {

    /** Started by the parameter source, and closed by JUnit after the last test. */
    record Running(String name, URI endpoint, ObjectStore store, AutoCloseable process)
            implements AutoCloseable {

        static Running of(String name, URI endpoint, AutoCloseable process) {
            return new Running(name, endpoint, open(S3ProxyServer.BUCKET, endpoint), process);
        }

        static Running s3Proxy() {
            try {
                Path folder = Files.createTempDirectory(Path.of("target"), "s3proxy");
                S3ProxyServer proxy =
                        S3ProxyServer.start(Files.createDirectories(folder.resolve("data")));
                return Running.of("S3Proxy", proxy.endpoint(), proxy);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("S3Proxy did not start", e);
            }
        }

        static Running localStack() {
            try {
                LocalStackServer stack = LocalStackServer.start();
                return Running.of("LocalStack", stack.endpoint(), stack);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("LocalStack did not start", e);
            }
        }

        @Override
        public void close() throws Exception {
            store.close();
            process.close();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final Running running;
    private String prefix = "";

    S3ObjectStoreIT(Running running) {
        this.running = running;
    }

    static Stream<Running> servers() {
        boolean docker = LocalStackServer.canRun();
        System.out.println(
                "S3 servers under test: S3Proxy"
                        + (docker ? ", LocalStack" : "; no Docker daemon answers for LocalStack"));
        Stream<Supplier<Running>> all =
                docker
                        ? Stream.of(Running::s3Proxy, Running::localStack)
                        : Stream.of(Running::s3Proxy);
        return all.map(Supplier::get);
    }

    @BeforeEach
    void choosePrefix(TestInfo test) {
        prefix = test.getTestMethod().orElseThrow().getName() + "/";
    }

    private static S3ObjectStore open(String bucket, URI endpoint) {
        return S3ObjectStore.open(
                S3Settings.of(bucket, Optional.of(endpoint)),
                new Random(1),
                Runnable::run,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")));
    }

    @Override
    protected ObjectStore store() {
        return running.store();
    }

    @Override
    protected String prefix() {
        return prefix;
    }

    @Test
    void aBucketThatIsNotThereIsRefusedInASentence() {
        try (S3ObjectStore nowhere = open("nowhere", running.endpoint())) {
            assertThatThrownBy(() -> get(nowhere.check()))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(ObjectStoreException.RequestRejected.class)
                    .hasMessageContaining("create it first");
        }
    }

    @Test
    void aBucketThatIsThereIsFine() {
        try (S3ObjectStore there = open(S3ProxyServer.BUCKET, running.endpoint())) {
            get(there.check());
        }
    }

    @Test
    void aServerThatIsAwayIsUnavailable() throws IOException {
        URI none;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            none = URI.create("http://127.0.0.1:" + free.getLocalPort());
        }
        try (S3ObjectStore away = open(S3ProxyServer.BUCKET, none)) {
            assertThatThrownBy(() -> get(away.getRange(new ObjectKey("a"), new ByteRange(0, 1))))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(ObjectStoreException.Unavailable.class);
        }
    }
}
