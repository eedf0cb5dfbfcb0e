package io.millrace.kafka.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A framed answer that yields its bytes in parts, so that a slow reader does not need memory for
 * the whole answer. Owned by the event loop of the connection.
 */
public sealed interface EncodedAnswer permits EncodedMessage, EncodedStream {

    /**
     * Encodes an answer. The caller reads all parts, or calls {@link #release}.
     *
     * @param request the header of the request
     * @param version the version of the answer, which is the request's except for ApiVersions
     */
    static EncodedAnswer of(
            RequestHeader request, short version, ApiMessage answer, ByteBufAllocator allocator) {
        ResponseHeaderData header =
                new ResponseHeaderData().setCorrelationId(request.correlationId());
        short headerVersion = request.api().responseHeaderVersion(version);
        return answer instanceof StreamedAnswer streamed
                ? new EncodedStream(header, headerVersion, streamed.encode(version))
                : EncodedMessage.of(header, headerVersion, answer, version, allocator);
    }

    /**
     * Encodes the token of an authentication as a frame; nothing if the authentication failed. The
     * caller reads all parts, or calls {@link #release}.
     */
    static EncodedAnswer ofBareToken(
            SaslAuthenticateResponseData answer, ByteBufAllocator allocator) {
        return answer.errorCode() == Errors.NONE.code()
                ? EncodedMessage.of(answer.authBytes(), allocator)
                : EncodedMessage.empty();
    }

    /**
     * Returns the next part, possibly without bytes, which the caller releases; empty after the
     * last one.
     */
    Optional<ByteBuf> nextPart(ByteBufAllocator allocator);

    /** Returns whether other tasks of the event loop should run before the next part. */
    boolean mustYield();

    /** Releases the buffers; idempotent. */
    void release();
}
