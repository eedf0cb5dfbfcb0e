package io.millrace.client;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads fetch responses so that their batches share the one array into which the message was
 * received. The usual marshaller copies them once more.
 */
final class AliasedResponses implements MethodDescriptor.Marshaller<FetchResponse> {

    /** The Fetch call with this marshaller. */
    static final MethodDescriptor<FetchRequest, FetchResponse> FETCH =
            FetchGrpc.getFetchMethod().toBuilder(
                            FetchGrpc.getFetchMethod().getRequestMarshaller(),
                            new AliasedResponses())
                    .build();

    @Override
    public InputStream stream(FetchResponse value) {
        return FetchGrpc.getFetchMethod().streamResponse(value);
    }

    @Override
    public FetchResponse parse(InputStream stream) {
        try {
            CodedInputStream input =
                    UnsafeByteOperations.unsafeWrap(stream.readAllBytes()).newCodedInput();
            input.enableAliasing(true);
            return FetchResponse.parseFrom(input);
        } catch (IOException malformed) {
            throw Status.INTERNAL
                    .withDescription("The server's answer is not what the contract says")
                    .withCause(malformed)
                    .asRuntimeException();
        }
    }
}
