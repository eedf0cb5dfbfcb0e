package io.millrace.storage.object.s3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A socket that a test serves in place of an S3 server. */
final class ScriptedServer {

    private ScriptedServer() {}

    /** Opens a socket that accepts connections and sends nothing by itself. */
    static ServerSocket open() throws IOException {
        return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    /** Returns a store that uses the socket as S3. */
    static S3ObjectStore store(
            ServerSocket server, int connections, Duration silence, Duration requestTimeout) {
        return S3ObjectStore.open(
                new S3Settings(
                        "bucket",
                        Optional.of("us-east-1"),
                        Optional.of(URI.create("http://127.0.0.1:" + server.getLocalPort())),
                        true,
                        new ObjectEncryption.OfBucket(),
                        connections,
                        Duration.ofMinutes(5),
                        silence,
                        requestTimeout),
                new Random(1),
                Runnable::run,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")));
    }
}
