package io.millrace.kafka.wire;

import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The header of a request.
 *
 * @param version a version that the client chose, possibly not supported
 * @param clientId empty if the client sent none
 * @param bareToken whether the frame was a SASL token, which has no header and whose answer is a
 *     token
 */
public record RequestHeader(
        ApiKeys api, short version, int correlationId, String clientId, boolean bareToken) {

    /** Maximum length of a client id in metrics and logs, in characters. */
    public static final int MAX_CLIENT_ID_CHARS = 255;

    /** Returns the header of a token in a frame of its own. */
    public static RequestHeader ofBareToken() {
        return new RequestHeader(ApiKeys.SASL_AUTHENTICATE, (short) 0, 0, "", true);
    }

    /**
     * Reads the header; the body follows, in the header's version.
     *
     * @throws MalformedFrameException if the API is unknown, or if the version is not supported and
     *     the API is not ApiVersions
     */
    public static RequestHeader read(ByteBufReadable in) {
        ByteBufReadable ahead = (ByteBufReadable) in.slice();
        short key = ahead.readShort();
        short version = ahead.readShort();
        if (!ApiKeys.hasId(key)) {
            throw new MalformedFrameException("No API has the key %d.".formatted(key));
        }
        ApiKeys api = ApiKeys.forId(key);
        if (!api.isVersionSupported(version) && api != ApiKeys.API_VERSIONS) {
            throw new MalformedFrameException("%s has no version %d.".formatted(api.name, version));
        }
        RequestHeaderData header = new RequestHeaderData();
        header.read(in, api.requestHeaderVersion(version));
        String clientId = header.clientId();
        return new RequestHeader(
                api,
                version,
                header.correlationId(),
                clientId == null ? "" : cutOff(clientId),
                false);
    }

    private static String cutOff(String clientId) {
        return clientId.length() <= MAX_CLIENT_ID_CHARS
                ? clientId
                : clientId.substring(0, MAX_CLIENT_ID_CHARS);
    }

    /** Returns whether the node can read the body of the request. */
    public boolean isVersionSupported() {
        return api.isVersionSupported(version);
    }
}
