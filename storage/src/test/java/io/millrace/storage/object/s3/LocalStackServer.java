package io.millrace.storage.object.s3;

import java.io.IOException;
import java.net.URI;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/** A real S3 server, LocalStack, in a container with one bucket. Takes any credentials. */
final class LocalStackServer implements AutoCloseable {

    private final LocalStackContainer container;

    private LocalStackServer(LocalStackContainer container) {
        this.container = container;
    }

    /** Returns whether a Docker daemon is available. */
    static boolean canRun() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    static LocalStackServer start() throws IOException, InterruptedException {
        LocalStackContainer container =
                new LocalStackContainer(DockerImageName.parse("localstack/localstack:4.4.0"))
                        .withServices("s3");
        container.start();
        ExecResult made =
                container.execInContainer("awslocal", "s3", "mb", "s3://" + S3ProxyServer.BUCKET);
        if (made.getExitCode() != 0) {
            container.stop();
            throw new IOException("LocalStack made no bucket: " + made.getStderr());
        }
        return new LocalStackServer(container);
    }

    URI endpoint() {
        return container.getEndpoint();
    }

    @Override
    public void close() {
        container.stop();
    }
}
