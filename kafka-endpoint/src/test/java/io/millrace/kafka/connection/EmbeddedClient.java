package io.millrace.kafka.connection;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.quota.Quotas;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** A Kafka client whose connection is an {@link EmbeddedChannel}, for tests of handlers. */
public final class EmbeddedClient implements AutoCloseable {

    private static final QuotaEnforcement UNLIMITED =
            new QuotaEnforcement(() -> Quotas.NONE, () -> 0);

    private final EmbeddedChannel channel;
    private final SimpleMeterRegistry registry;
    private final ByteBuf received = Unpooled.buffer();
    private int lastCorrelationId;

    private EmbeddedClient(EmbeddedChannel channel, SimpleMeterRegistry registry) {
        this.channel = channel;
        this.registry = registry;
    }

    public static EmbeddedClient of(ApiHandler<?, ?>... handlers) {
        return of(TestIdentities.ANONYMOUS, ConnectionLimits.STANDARD, handlers);
    }

    public static EmbeddedClient of(
            ClientIdentity.Source identities,
            ConnectionLimits limits,
            ApiHandler<?, ?>... handlers) {
        return of(identities, Authorizer.OPEN, RequestAudit.NONE, UNLIMITED, limits, handlers);
    }

    /** A client whose requests are recorded, and that may execute what an authorizer allows. */
    public static EmbeddedClient of(
            Authorizer authorizer, RequestAudit audit, ApiHandler<?, ?>... handlers) {
        return of(
                TestIdentities.ANONYMOUS,
                authorizer,
                audit,
                UNLIMITED,
                ConnectionLimits.STANDARD,
                handlers);
    }

    /** A client with quotas. */
    static EmbeddedClient of(QuotaEnforcement quotas, ApiHandler<?, ?>... handlers) {
        return of(
                TestIdentities.ANONYMOUS,
                Authorizer.OPEN,
                RequestAudit.NONE,
                quotas,
                ConnectionLimits.STANDARD,
                handlers);
    }

    /** A client that may execute what an authorizer allows. */
    public static EmbeddedClient of(Authorizer authorizer, ApiHandler<?, ?>... handlers) {
        return of(authorizer, RequestAudit.NONE, handlers);
    }

    /** A client of a listener. */
    public static EmbeddedClient at(KafkaListener listener, ApiHandler<?, ?>... handlers) {
        return at(
                listener,
                TestIdentities.ANONYMOUS,
                Authorizer.OPEN,
                RequestAudit.NONE,
                UNLIMITED,
                ConnectionLimits.STANDARD,
                handlers);
    }

    private static EmbeddedClient of(
            ClientIdentity.Source identities,
            Authorizer authorizer,
            RequestAudit audit,
            QuotaEnforcement quotas,
            ConnectionLimits limits,
            ApiHandler<?, ?>... handlers) {
        return at(KafkaListener.INTERNAL, identities, authorizer, audit, quotas, limits, handlers);
    }

    private static EmbeddedClient at(
            KafkaListener name,
            ClientIdentity.Source identities,
            Authorizer authorizer,
            RequestAudit audit,
            QuotaEnforcement quotas,
            ConnectionLimits limits,
            ApiHandler<?, ?>... handlers) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        ListenerContext listener =
                new ListenerContext(
                        name,
                        new ApiRegistry(List.of(handlers)),
                        identities,
                        authorizer,
                        audit,
                        quotas,
                        ZoneResolver.NONE,
                        InboundBytes.UNLIMITED,
                        limits,
                        new ConnectionMetrics(registry, name),
                        new AtomicLong()::incrementAndGet);
        return new EmbeddedClient(new EmbeddedChannel(new KafkaConnection(listener)), registry);
    }

    public EmbeddedChannel channel() {
        return channel;
    }

    public SimpleMeterRegistry registry() {
        return registry;
    }

    /** Sends a request and returns its correlation id. */
    public int send(ApiKeys api, int version, ApiMessage request) {
        channel.writeInbound(frame(api, version, request));
        return lastCorrelationId;
    }

    /** Encodes a request with its length. */
    public ByteBuf frame(ApiKeys api, int version, ApiMessage request) {
        RequestHeaderData header =
                new RequestHeaderData()
                        .setRequestApiKey(api.id)
                        .setRequestApiVersion((short) version)
                        .setCorrelationId(++lastCorrelationId)
                        .setClientId("test-client");
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion((short) version))
                        .buffer();
        ByteBuffer body = encode(request, (short) version);
        return Unpooled.buffer()
                .writeInt(head.remaining() + body.remaining())
                .writeBytes(head)
                .writeBytes(body);
    }

    private static ByteBuffer encode(ApiMessage message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        return bytes.flip();
    }

    /** An answer without its frame. */
    public record Answer(int correlationId, ApiMessage message) {}

    /** Returns the next answer, of a known API and version; empty if none has been written. */
    public Optional<Answer> receive(ApiKeys api, int version) {
        return receiveFrame().map(bytes -> decode(bytes, api, version));
    }

    /** Returns the next answer with its header; empty if none has been written. */
    public Optional<byte[]> receiveFrame() {
        channel.runPendingTasks();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            addReceived(part);
        }
        if (received.readableBytes() < Integer.BYTES
                || received.readableBytes()
                        < Integer.BYTES + received.getInt(received.readerIndex())) {
            return Optional.empty();
        }
        byte[] bytes = new byte[received.readInt()];
        received.readBytes(bytes);
        return Optional.of(bytes);
    }

    /** Adds bytes that a test has taken out of the channel, and releases them. */
    public void addReceived(ByteBuf part) {
        received.writeBytes(part);
        part.release();
    }

    private static Answer decode(byte[] bytes, ApiKeys api, int version) {
        ByteBufferAccessor in = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
        ResponseHeaderData header = new ResponseHeaderData();
        header.read(in, api.responseHeaderVersion((short) version));
        ApiMessage message = api.messageType.newResponse();
        message.read(in, (short) version);
        if (in.remaining() > 0) {
            throw new AssertionError(in.remaining() + " bytes follow the answer");
        }
        return new Answer(header.correlationId(), message);
    }

    /** Sends a request that is answered at once, and returns the answer. */
    public <A extends ApiMessage> A call(
            ApiKeys api, int version, ApiMessage request, Class<A> type) {
        int id = send(api, version, request);
        Answer answer =
                receive(api, version)
                        .orElseThrow(() -> new AssertionError("no answer to " + api.name));
        if (answer.correlationId() != id) {
            throw new AssertionError("an answer to another request");
        }
        return type.cast(answer.message());
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
