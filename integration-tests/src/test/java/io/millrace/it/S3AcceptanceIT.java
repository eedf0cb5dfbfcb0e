package io.millrace.it;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

class S3AcceptanceIT extends AcceptanceContract {

    private SharedServers.Bucket s3;

    @BeforeEach
    void createTheBucket() throws Exception {
        s3 = SharedServers.newBucket();
    }

    @Override
    String[] bucket() {
        return new String[] {"--bucket", s3.url(), "--s3-endpoint", s3.endpoint().toString()};
    }

    @Override
    Map<String, String> environment() {
        return Map.of("AWS_ACCESS_KEY_ID", "local", "AWS_SECRET_ACCESS_KEY", "local");
    }
}
