package io.millrace.client.record;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.protocol.v1.SubscriptionGrpc;
import java.io.IOException;
import java.io.InputStream;

/**
 * A marshaller that parses responses without copying: batches share the array of the received
 * message.
 */
public final class AliasedResponses<A extends MessageLite>
        implements MethodDescriptor.Marshaller<A> {

    public static final MethodDescriptor<FetchRequest, FetchResponse> FETCH =
            aliased(FetchGrpc.getFetchMethod(), FetchResponse.parser());

    public static final MethodDescriptor<SubscribeRequest, SubscribeResponse> SUBSCRIBE =
            aliased(SubscriptionGrpc.getSubscribeMethod(), SubscribeResponse.parser());

    private final MethodDescriptor<?, A> usual;
    private final Parser<A> parser;

    private AliasedResponses(MethodDescriptor<?, A> usual, Parser<A> parser) {
        this.usual = usual;
        this.parser = parser;
    }

    private static <Q, A extends MessageLite> MethodDescriptor<Q, A> aliased(
            MethodDescriptor<Q, A> usual, Parser<A> parser) {
        return usual.toBuilder(usual.getRequestMarshaller(), new AliasedResponses<>(usual, parser))
                .build();
    }

    @Override
    public InputStream stream(A value) {
        return usual.streamResponse(value);
    }

    @Override
    public A parse(InputStream stream) {
        try {
            CodedInputStream input =
                    UnsafeByteOperations.unsafeWrap(stream.readAllBytes()).newCodedInput();
            input.enableAliasing(true);
            return parser.parseFrom(input);
        } catch (IOException malformed) {
            throw Status.INTERNAL
                    .withDescription("The server's response cannot be parsed")
                    .withCause(malformed)
                    .asRuntimeException();
        }
    }
}
