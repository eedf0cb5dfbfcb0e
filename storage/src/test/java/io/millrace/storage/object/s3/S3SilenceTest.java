package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests a server that accepts connections and never responds. */
class S3SilenceTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private ServerSocket silent;
    private S3ObjectStore store;

    @BeforeEach
    void open() throws IOException {
        silent = ScriptedServer.open();
        store = ScriptedServer.store(silent, 4, Duration.ofMillis(300), LONG);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        silent.close();
    }

    private static void assertGivenUpSoon(CompletableFuture<?> request) {
        assertThatThrownBy(() -> request.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ObjectStoreException.Unavailable.class);
    }

    @Test
    void anUploadThatIsNotAnsweredIsGivenUpLongBeforeItsTimeIsOver() {
        assertGivenUpSoon(store.put(new ObjectKey("a"), ObjectBody.of(new byte[100])));
    }

    @Test
    void anUploadThatIsNotTakenIsGivenUpLongBeforeItsTimeIsOver() {
        assertGivenUpSoon(store.put(new ObjectKey("a"), ObjectBody.of(new byte[32 << 20])));
    }

    @Test
    void aPartThatIsNotAnsweredIsGivenUpLongBeforeItsTimeIsOver() {
        MultipartUpload upload =
                new MultipartUpload(
                        new UploadId(new ObjectKey("a"), "any"),
                        MultipartUpload.MIN_PART_BYTES,
                        "any");
        assertGivenUpSoon(store.uploads().uploadPart(upload, 1, ObjectBody.of(new byte[100])));
        assertGivenUpSoon(
                store.uploads().complete(upload, List.of(new StoredPart(1, 100, "abcdefgh1"))));
    }

    @Test
    void aReadThatIsNotAnsweredIsGivenUpLongBeforeItsTimeIsOver() {
        assertGivenUpSoon(store.getRange(new ObjectKey("a"), new ByteRange(0, 10)));
    }
}
