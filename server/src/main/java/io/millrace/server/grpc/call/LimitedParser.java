package io.millrace.server.grpc.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A parser of requests with a limited number of elements. A pass over the tags counts the elements
 * before the message is built, because an empty element has two bytes on the wire and many on the
 * heap. Elements are the values of repeated fields, at all levels, and unknown fields, which a
 * message keeps; a packed field counts its bytes.
 */
public final class LimitedParser {

    /** Maximum number of elements in a request: as many as a topic can have partitions. */
    public static final int MAX_ELEMENTS = 100_000;

    /** Maximum length of a text in a request, in bytes of UTF-8. */
    public static final int MAX_TEXT_BYTES = 16 << 10;

    private int elements;

    private LimitedParser() {}

    /**
     * Returns a message that does not alias the bytes.
     *
     * @throws ProblemException with TOO_LARGE
     */
    @SuppressWarnings("unchecked")
    static <M extends Message> M parse(M prototype, ByteString bytes) throws IOException {
        // A shorter message can exceed neither limit.
        if (bytes.size() > MAX_TEXT_BYTES) {
            new LimitedParser().scan(bytes.newCodedInput(), prototype.getDescriptorForType());
        }
        return (M) prototype.getParserForType().parseFrom(bytes);
    }

    private void scan(CodedInputStream in, Descriptor message) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldDescriptor field = knownField(message, tag);
            if (field == null) {
                add(1);
                skip(in, tag);
            } else {
                scanField(in, tag, field);
            }
        }
    }

    /** Returns null for a field that the parser keeps as unknown. */
    private static @Nullable FieldDescriptor knownField(Descriptor message, int tag) {
        FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
        if (field == null) {
            return null;
        }
        int wireType = WireFormat.getTagWireType(tag);
        return wireType == field.getLiteType().getWireType()
                        || (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED && field.isPackable())
                ? field
                : null;
    }

    private void scanField(CodedInputStream in, int tag, FieldDescriptor field) throws IOException {
        if (field.isRepeated()) {
            add(1);
        }
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            skip(in, tag);
            return;
        }
        int length = in.readRawVarint32();
        if (field.isPackable()) {
            add(length);
        }
        switch (field.getJavaType()) {
            case MESSAGE -> {
                int outer = in.pushLimit(length);
                scan(in, field.getMessageType());
                in.popLimit(outer);
            }
            case STRING -> {
                if (length > MAX_TEXT_BYTES) {
                    throw tooLarge(
                            "%s has %,d bytes, but a text can have at most %,d: use a shorter text."
                                    .formatted(field.getFullName(), length, MAX_TEXT_BYTES));
                }
                in.skipRawBytes(length);
            }
            default -> in.skipRawBytes(length);
        }
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP
                || !in.skipField(tag)) {
            throw new InvalidProtocolBufferException("groups are not supported.");
        }
    }

    private void add(int more) {
        elements += more;
        if (elements > MAX_ELEMENTS) {
            throw tooLarge(
                    "The request has more than %,d elements: split the request."
                            .formatted(MAX_ELEMENTS));
        }
    }

    private static ProblemException tooLarge(String message) {
        return new ProblemException(new Problem(Reason.TOO_LARGE, message));
    }
}
