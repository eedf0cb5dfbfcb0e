package io.millrace.server.grpc.auth;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A call that records its end. */
final class RecordedCall extends ServerCall<String, String> {

    private static final class NoMarshaller implements MethodDescriptor.Marshaller<String> {
        @Override
        public InputStream stream(String value) {
            return InputStream.nullInputStream();
        }

        @Override
        public String parse(InputStream stream) {
            return "";
        }
    }

    private final Attributes attributes;
    private final MethodDescriptor<String, String> method;
    @Nullable Status status;
    @Nullable Problem problem;

    RecordedCall(Attributes attributes, String service, MethodType type) {
        this.attributes = attributes;
        this.method =
                MethodDescriptor.<String, String>newBuilder()
                        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, "M"))
                        .setType(type)
                        .setRequestMarshaller(new NoMarshaller())
                        .setResponseMarshaller(new NoMarshaller())
                        .build();
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(String message) {}

    @Override
    public void close(Status with, Metadata trailers) {
        status = with;
        com.google.rpc.Status detailed = StatusProto.fromStatusAndTrailers(with, trailers);
        problem = detailed == null ? null : Problem.fromStatus(detailed).orElse(null);
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
        return method;
    }
}
