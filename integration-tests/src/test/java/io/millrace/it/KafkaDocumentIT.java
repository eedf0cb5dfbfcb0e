package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares docs/kafka.md with the APIs that a server offers. */
class KafkaDocumentIT {

    private static final Pattern ROW = Pattern.compile("\\| ([A-Za-z]+) \\| (\\d+) to (\\d+) \\|");

    @TempDir Path folder;

    @Test
    void theTableNamesTheOfferedApis() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        Path page = Path.of("").toAbsolutePath().resolveSibling("docs").resolve("kafka.md");
        for (String line : Files.readAllLines(page)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), row.group(2) + " to " + row.group(3));
            }
        }

        try (MillraceProcess server = MillraceProcess.up(folder, "--kafka-port", "0")) {
            assertThat(offered(server.kafkaAddress())).isEqualTo(documented).isNotEmpty();
        }
    }

    private static Map<String, String> offered(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        Map<String, String> versions = new TreeMap<>();
        try (Socket socket =
                new Socket(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)))) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            // Size, API, version 0, correlation id, null for the client id.
            out.writeInt(10);
            out.writeShort(ApiKeys.API_VERSIONS.id);
            out.writeShort(0);
            out.writeInt(1);
            out.writeShort(-1);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = in.readNBytes(in.readInt());
            ByteBuffer body = ByteBuffer.wrap(answer, Integer.BYTES, answer.length - Integer.BYTES);
            new ApiVersionsResponseData(new ByteBufferAccessor(body), (short) 0)
                    .apiKeys()
                    .forEach(api ->
                            versions.put(
                                    ApiKeys.forId(api.apiKey()).name,
                                    api.minVersion() + " to " + api.maxVersion()));
        }
        return versions;
    }
}
