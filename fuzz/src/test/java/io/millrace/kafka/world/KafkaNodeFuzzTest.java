package io.millrace.kafka.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.server.node.Node;
import io.millrace.server.settings.ServerSettings;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A whole node: arbitrary bytes and well-formed requests on its Kafka port. */
class KafkaNodeFuzzTest {

    /** A quota of zero would hold all connections of the test. */
    private static final Set<ApiKeys> OMITTED = EnumSet.of(ApiKeys.ALTER_CLIENT_QUOTAS);

    private static final List<ApiKeys> APIS =
            ApiKeys.clientApis().stream()
                    .filter(api -> !OMITTED.contains(api) && api.hasValidVersion())
                    .toList();

    private static final int PATIENCE_MILLIS = 20_000;
    private static final byte[] RECORD = {14, 0, 0, 0, 2, 'k', 2, 'v', 0};

    @TempDir static Path folder;
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static Node node;

    @BeforeAll
    static void start() {
        Map<String, String> settings =
                Map.of(
                        "millrace.data",
                        folder.toString(),
                        "millrace.grpc-port",
                        "0",
                        "millrace.kafka-port",
                        "0");
        node =
                Node.open(
                        ServerSettings.standalone(key -> Optional.ofNullable(settings.get(key))),
                        METERS,
                        64 << 20);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** Bytes without any form. */
    @FuzzTest(maxDuration = "20m")
    void anyBytesOnThePortLeaveTheNodeServing(byte[] bytes) throws IOException {
        exchange(bytes, 5);
        assertServing();
    }

    /** Two bytes select the API and its version, the others decide about the values. */
    @FuzzTest(maxDuration = "20m")
    void anyRequestIsAnsweredOrClosesTheConnection(byte[] bytes) throws IOException {
        if (bytes.length < 3) {
            return;
        }
        ApiKeys api = APIS.get((bytes[0] & 0xff) % APIS.size());
        int versions = api.latestVersion() - api.oldestVersion() + 1;
        short version = (short) (api.oldestVersion() + (bytes[1] & 0xff) % versions);
        byte[] body =
                new SchemaBytes(bytes, 2, batch()).write(api.messageType.requestSchemas()[version]);
        exchange(frame(api, version, body), 30);
        assertServing();
        METERS.find("millrace.kafka.errors")
                .tag("error", "unknown_server_error")
                .counters()
                .forEach(bugs -> assertThat(bugs.count()).as(bugs.getId().toString()).isZero());
    }

    private static byte[] batch() {
        byte[] batch = new byte[BatchHeader.BYTES + RECORD.length];
        System.arraycopy(RECORD, 0, batch, BatchHeader.BYTES, RECORD.length);

        BatchHeader.write(
                batch, 0, batch.length, new BatchHeader.Fields(0, 1, 1, 1, -1, (short) -1, -1));
        return batch;
    }

    private static byte[] frame(ApiKeys api, short version, byte[] body) {
        ByteBuffer header =
                MessageUtil.toByteBufferAccessor(
                                new RequestHeaderData()
                                        .setRequestApiKey(api.id)
                                        .setRequestApiVersion(version)
                                        .setCorrelationId(1)
                                        .setClientId("fuzz"),
                                api.requestHeaderVersion(version))
                        .buffer();
        return ByteBuffer.allocate(Integer.BYTES + header.remaining() + body.length)
                .putInt(header.remaining() + body.length)
                .put(header)
                .put(body)
                .array();
    }

    private static void exchange(byte[] bytes, int waitMillis) throws IOException {
        try (Socket socket = connect(waitMillis)) {
            socket.getOutputStream().write(bytes);
            socket.getInputStream().readNBytes(64);
        } catch (SocketException | SocketTimeoutException closed) {
            // The node may close a connection at any byte, and some requests wait for long.
        }
    }

    private static Socket connect(int waitMillis) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.kafkaPort().getAsInt());
        socket.setSoTimeout(waitMillis);
        return socket;
    }

    /** Describes the topic, which is created if an earlier request has deleted it. */
    private static void assertServing() throws IOException {
        short version = 8;
        ByteBuffer body =
                MessageUtil.toByteBufferAccessor(
                                new MetadataRequestData()
                                        .setTopics(
                                                List.of(
                                                        new MetadataRequestData
                                                                        .MetadataRequestTopic()
                                                                .setName("t"))),
                                version)
                        .buffer();
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        try (Socket socket = connect(PATIENCE_MILLIS)) {
            new DataOutputStream(socket.getOutputStream())
                    .write(frame(ApiKeys.METADATA, version, bytes));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readFully(new byte[in.readInt()]);
        } catch (EOFException closed) {
            throw new AssertionError("the node closes a connection without a reason", closed);
        }
    }
}
