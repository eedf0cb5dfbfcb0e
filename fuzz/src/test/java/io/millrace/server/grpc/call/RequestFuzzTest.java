package io.millrace.server.grpc.call;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.millrace.protocol.error.ProblemException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Requests of all methods, before their services receive them. */
class RequestFuzzTest {

    private static final List<Message> PROTOTYPES =
            ServedMethods.all().stream().map(ServedMethods::requestOf).toList();

    /** The first byte selects the type. */
    @FuzzTest(maxDuration = "20m")
    void aRequestIsParsedOrRejected(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        Message prototype = PROTOTYPES.get((bytes[0] & 0xff) % PROTOTYPES.size());
        byte[] message = Arrays.copyOfRange(bytes, 1, bytes.length);
        try {
            LimitedParser.parse(prototype, ByteString.copyFrom(message));
        } catch (InvalidProtocolBufferException | ProblemException rejected) {
            // Nothing else may be thrown.
        }
    }
}
