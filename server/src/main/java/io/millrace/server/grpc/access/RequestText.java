package io.millrace.server.grpc.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.List;

/** The text of a request for the audit log, without fields that are secret by {@code .proto}. */
final class RequestText {

    /** Larger requests are recorded by their size. */
    private static final int MAX_REQUEST_BYTES = 3_000;

    private RequestText() {}

    static String of(Object request) {
        if (!(request instanceof Message message)) {
            return "";
        }
        return message.getSerializedSize() > MAX_REQUEST_BYTES
                ? "a request of %,d bytes".formatted(message.getSerializedSize())
                : TextFormat.printer().emittingSingleLine(true).printToString(open(message));
    }

    private static Message open(Message message) {
        Message.Builder open = message.toBuilder();
        message.getAllFields()
                .forEach((field, value) -> {
                    if (field.getOptions().getDebugRedact()) {
                        open.clearField(field);
                    } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                        open.setField(
                                field,
                                value instanceof List<?> each
                                        ? each.stream().map(row -> open((Message) row)).toList()
                                        : open((Message) value));
                    }
                });
        return open.build();
    }
}
