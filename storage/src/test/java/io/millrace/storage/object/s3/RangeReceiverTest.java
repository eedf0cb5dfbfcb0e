package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

class RangeReceiverTest {

    private static final ByteRange RANGE = new ByteRange(10, 6);

    private final RangeReceiver receiver = new RangeReceiver(new ObjectKey("a/b"), RANGE);

    private CompletableFuture<byte[]> received(String contentRange, String... pieces) {
        CompletableFuture<byte[]> received = receiver.prepare();
        receiver.onResponse(GetObjectResponse.builder().contentRange(contentRange).build());
        List<ByteBuffer> buffers = Arrays.stream(pieces).map(RangeReceiverTest::bytes).toList();
        receiver.onStream(SdkPublisher.fromIterable(buffers));
        return received;
    }

    private static ByteBuffer bytes(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        text.chars().forEach(letter -> bytes.put((byte) letter));
        return bytes.flip();
    }

    @Test
    void theRangeArrivesInPieces() {
        assertThat(received("bytes 10-15/100", "ab", "cde", "f").join())
                .isEqualTo(new byte[] {'a', 'b', 'c', 'd', 'e', 'f'});
    }

    @Test
    void anAnswerThatBreaksOffIsUnavailable() {
        assertThatThrownBy(received("bytes 10-15/100", "abc")::join)
                .hasCauseInstanceOf(ObjectStoreException.Unavailable.class)
                .hasMessageContaining("3 bytes early");
    }

    @Test
    void anObjectThatEndsBeforeTheRangeIsMissing() {
        assertThatThrownBy(received("bytes 10-12/13", "abc")::join)
                .hasCauseInstanceOf(ObjectStoreException.Missing.class)
                .hasMessageContaining("only 13 bytes");
    }

    @Test
    void moreThanWasAskedIsCorrupt() {
        assertThatThrownBy(received("bytes 10-15/100", "abcdefg")::join)
                .hasCauseInstanceOf(ObjectStoreException.Corrupt.class);
    }

    @Test
    void anAnswerForOtherBytesIsCorrupt() {
        assertThatThrownBy(received("bytes 0-5/100", "abcdef")::join)
                .hasCauseInstanceOf(ObjectStoreException.Corrupt.class)
                .hasMessageContaining("bytes 0-5/100");
    }

    @Test
    void onlyTheBytesOfTheResponseCostMemory() {
        RangeReceiver large =
                new RangeReceiver(new ObjectKey("a/b"), new ByteRange(10, Integer.MAX_VALUE - 8));
        CompletableFuture<byte[]> received = large.prepare();
        large.onResponse(
                GetObjectResponse.builder()
                        .contentRange("bytes 10-12/13")
                        .contentLength(3L)
                        .build());
        large.onStream(SdkPublisher.fromIterable(List.of(bytes("abc"))));
        assertThatThrownBy(received::join)
                .hasCauseInstanceOf(ObjectStoreException.Missing.class)
                .hasMessageContaining("only 13 bytes");
    }

    @Test
    void aResponseLongerThanTheRangeIsCorrupt() {
        CompletableFuture<byte[]> received = receiver.prepare();
        receiver.onResponse(
                GetObjectResponse.builder()
                        .contentRange("bytes 10-1000000/1000001")
                        .contentLength(999_991L)
                        .build());
        assertThatThrownBy(received::join).hasCauseInstanceOf(ObjectStoreException.Corrupt.class);
    }

    @Test
    void anotherAttemptBeginsAnew() {
        assertThat(received("bytes 10-15/100", "abc")).isCompletedExceptionally();
        assertThat(received("bytes 10-15/100", "abcdef")).isCompleted();
    }
}
