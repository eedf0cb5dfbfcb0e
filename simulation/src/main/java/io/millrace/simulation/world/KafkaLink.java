package io.millrace.simulation.world;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a Kafka client to a process. Requests and answers cross the simulated network
 * as frames.
 */
public final class KafkaLink {

    private record Pending(ApiKeys api, short version, Consumer<ApiMessage> answered) {}

    private final SimulatedCluster cluster;
    private final Network.Link link;
    private final KafkaPort port;
    private final Map<Integer, Pending> pending = new HashMap<>();

    /** The produce requests that the process has not answered, by correlation id. */
    private final Map<Integer, Runnable> produces = new HashMap<>();

    private @Nullable EmbeddedChannel channel;
    private int lastCorrelationId;
    private boolean closed;

    /** Opens a connection to a process with a Kafka port. */
    public KafkaLink(SimulatedCluster cluster, NodeProcess process, KafkaPort port) {
        this.cluster = cluster;
        this.link = cluster.network.connect(process);
        this.port = port;
    }

    public NodeProcess process() {
        return link.process;
    }

    /** Returns whether no request will be answered, as far as the client knows. */
    public boolean isClosed() {
        return closed;
    }

    /** Closes the client's end: no answer arrives any more. */
    public void close() {
        closed = true;
        pending.clear();
    }

    /** Sends a request. The answer is received unless one end fails or is closed before. */
    public void send(ApiKeys api, int version, ApiMessage request, Consumer<ApiMessage> answered) {
        int id = ++lastCorrelationId;
        pending.put(id, new Pending(api, (short) version, answered));
        byte[] frame = frame(api, (short) version, id, request);
        link.send(() -> receive(api, id, frame));
    }

    private static byte[] frame(ApiKeys api, short version, int id, ApiMessage request) {
        RequestHeaderData header =
                new RequestHeaderData()
                        .setRequestApiKey(api.id)
                        .setRequestApiVersion(version)
                        .setCorrelationId(id)
                        .setClientId("simulated");
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version))
                        .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
        return ByteBuffer.allocate(Integer.BYTES + head.remaining() + body.remaining())
                .putInt(head.remaining() + body.remaining())
                .put(head)
                .put(body)
                .array();
    }

    /** Called on the loop of the process. */
    private void receive(ApiKeys api, int id, byte[] frame) {
        EmbeddedChannel open = channel;
        if (open == null) {
            open = new EmbeddedChannel(new Answers(), port.accept(link.id));
            open.closeFuture().addListener(end -> closedByNode());
            channel = open;
        }
        if (open.isOpen()) {
            if (api == ApiKeys.PRODUCE) {
                produces.put(id, link.process.produceReceived());
            }
            open.writeInbound(Unpooled.wrappedBuffer(frame));
            open.runPendingTasks();
        }
    }

    private void closedByNode() {
        cluster.violations.add(
                "node %d closed the connection of a Kafka client".formatted(link.process.node));
    }

    /** Sends the written answers over the network. */
    private final class Answers extends ChannelOutboundHandlerAdapter {

        private final ByteBuf written = Unpooled.buffer();

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ByteBuf part = (ByteBuf) message;
            written.writeBytes(part);
            part.release();
            promise.trySuccess();
            while (written.readableBytes() >= Integer.BYTES
                    && written.readableBytes()
                            >= Integer.BYTES + written.getInt(written.readerIndex())) {
                byte[] answer = new byte[written.readInt()];
                written.readBytes(answer);
                Runnable produced = produces.remove(ByteBuffer.wrap(answer).getInt());
                if (produced != null) {
                    produced.run();
                }
                link.reply(() -> answered(answer));
            }
            written.discardReadBytes();
            // Bytes of finished requests are released by tasks of the channel.
            EmbeddedChannel open = (EmbeddedChannel) context.channel();
            link.process.loop.execute(open::runPendingTasks);
        }
    }

    private void answered(byte[] frame) {
        Pending request = pending.remove(ByteBuffer.wrap(frame).getInt());
        if (request == null) {
            return;
        }
        ByteBufferAccessor in = new ByteBufferAccessor(ByteBuffer.wrap(frame));
        new ResponseHeaderData().read(in, request.api().responseHeaderVersion(request.version()));
        ApiMessage answer = request.api().messageType.newResponse();
        answer.read(in, request.version());
        request.answered().accept(answer);
    }
}
