package io.millrace.it;

import io.millrace.storage.object.s3.S3ProxyServer;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class S3AcceptanceIT extends AcceptanceContract {

    private S3ProxyServer s3;

    @BeforeEach
    void startTheBucket() throws Exception {
        s3 = S3ProxyServer.start(Files.createDirectories(folder.resolve("s3")));
    }

    @AfterEach
    void stopTheBucket() throws Exception {
        s3.close();
    }

    @Override
    String[] bucket() {
        return new String[] {
            "--bucket", "s3://" + S3ProxyServer.BUCKET, "--s3-endpoint", s3.endpoint().toString()
        };
    }

    @Override
    Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", "local", "AWS_SECRET_ACCESS_KEY", "local");
    }
}
