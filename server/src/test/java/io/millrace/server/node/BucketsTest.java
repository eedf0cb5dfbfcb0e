package io.millrace.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.IngestSettings.Profile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BucketsTest {

    @ParameterizedTest
    @EnumSource
    void readsLeaveConnectionsForAllUploadsAndTheirHedges(Profile profile) {
        int reads = FetchSettings.of("c", 0, 0).maxLoads();
        int uploads = IngestSettings.of(profile, "c", 1 << 30).maxUploads();

        assertThat(Buckets.S3_CONNECTIONS).isGreaterThanOrEqualTo(reads + 2 * uploads);
    }
}
