package io.millrace.it.differential;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** A connection that sends frames exactly as they are given. */
public final class WireConnection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 15_000;

    private final Socket socket;
    private final DataInputStream in;
    private int correlation;

    public WireConnection(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        socket =
                new Socket(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Sends a request and returns its answer; empty if the server closed the connection. */
    public Optional<ApiMessage> call(ApiKeys api, short version, ApiMessage request)
            throws IOException {
        send(frame(api, version, request));
        return answer(api, version);
    }

    /** Returns the answer of a request that was sent; empty if the server closed the connection. */
    Optional<ApiMessage> answer(ApiKeys api, short version) throws IOException {
        Optional<ByteBuffer> answer = receive();
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        ByteBufferAccessor body = new ByteBufferAccessor(answer.get());
        new ResponseHeaderData(body, api.responseHeaderVersion(version));
        ApiMessage response = api.messageType.newResponse();
        response.read(body, version);
        if (body.remaining() != 0) {
            throw new IOException(body.remaining() + " bytes after the answer of " + api);
        }
        return Optional.of(response);
    }

    /** Sends a frame without its size. */
    void send(byte[] frame) throws IOException {
        ByteBuffer sized = ByteBuffer.allocate(Integer.BYTES + frame.length);
        sendRaw(sized.putInt(frame.length).put(frame).array());
    }

    void sendRaw(byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException closed) {
            // Reported by the next receive.
        }
    }

    /** Returns the next frame without its size; empty if the server closed the connection. */
    Optional<ByteBuffer> receive() throws IOException {
        try {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            return Optional.of(ByteBuffer.wrap(frame));
        } catch (SocketTimeoutException slow) {
            throw slow;
        } catch (EOFException | java.net.SocketException closed) {
            return Optional.empty();
        }
    }

    /** Returns a request with its header, without its size. */
    byte[] frame(ApiKeys api, short version, ApiMessage request) {
        short headerVersion = api.requestHeaderVersion(version);
        RequestHeaderData header =
                new RequestHeaderData()
                        .setRequestApiKey(api.id)
                        .setRequestApiVersion(version)
                        .setClientId("differential")
                        .setCorrelationId(++correlation);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + request.size(cache, version);
        ByteBufferAccessor out = new ByteBufferAccessor(ByteBuffer.allocate(size));
        header.write(out, cache, headerVersion);
        request.write(out, cache, version);
        return out.buffer().array();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
